"""Attachments: their content, and file names that are safe to show and to save."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from tickets.channels.email.parsing import limits
from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.encoding.words import decode_name, decode_words
from tickets.channels.email.parsing.headers import split_part
from tickets.channels.email.parsing.mime import Part
from tickets.channels.email.parsing.pictures import (
    ID_CHARACTERS,
    TYPE_BYTES,
    Picture,
    detect_picture_type,
    find_shown_pictures,
    replace_addresses,
)
from tickets.channels.email.parsing.wrapped.tnef import Unpacked

EXTENSIONS = {
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/json": "json",
    "application/xml": "xml",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/rtf": "rtf",
    "application/ics": "ics",
    "application/pgp-signature": "asc",
    "application/pgp-encrypted": "asc",
    "application/pgp-keys": "asc",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-signature": "p7s",
    "application/pkcs7-mime": "p7m",
    "application/x-pkcs7-mime": "p7m",
    "application/ms-tnef": "dat",
    "audio/mpeg": "mp3",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
    "image/svg+xml": "svg",
    "image/tiff": "tiff",
    "message/rfc822": "eml",
    "message/global": "eml",
    "message/delivery-status": "txt",
    "message/disposition-notification": "txt",
    "message/feedback-report": "txt",
    "text/calendar": "ics",
    "text/plain": "txt",
    "text/rfc822-headers": "txt",
    "text/x-vcard": "vcf",
    "text/vcard": "vcf",
    "video/quicktime": "mov",
}
STEMS = {
    "message/disposition-notification": "receipt",
    "message/feedback-report": "complaint",
    "message/delivery-status": "delivery-status",
    "text/calendar": "calendar",
    "text/rfc822-headers": "headers",
    "application/pgp-signature": "signature",
    "application/pkcs7-signature": "smime",
    "application/x-pkcs7-signature": "smime",
    "application/pkcs7-mime": "smime",
    "application/x-pkcs7-mime": "smime",
    "application/ms-tnef": "winmail",
}
MEDIA_TYPE = re.compile(r"^[a-z]{1,20}/[a-z0-9.+-]{1,80}$")
WITH_KNOWN_SUFFIX = re.compile(r"^(?:image|audio|video|text)/([a-z0-9]{2,5})$")


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment. The content type is the mail's claim: never serve the file with it unchecked."""

    filename: str
    content_type: str
    content: bytes
    content_id: str
    inline: bool = False  # shown within the HTML

    @property
    def size(self) -> int:
        return len(self.content)


def read_attachments(
    parts: list[Part], decoder: Decoder, defects: list[str], packed: Iterable[Unpacked] = ()
) -> tuple[list[Attachment], list[str]]:
    """Decode the attachments, and give names to those without one.

    Return them, and for each its Content-Location or "". `packed` are unpacked winmail.dat files, whose
    files are added to the others.
    """
    taken: Counter[str] = Counter()
    attachments, locations = [], []
    for part in parts:
        content = part.content(defects)
        name = safe_file_name(part.file_name) or _make_unique(_invent_name(part, content, decoder), taken)
        attachments.append(Attachment(name, part.content_type, content, _read_content_id(part, decoder)))
        locations.append(decode_words(part.headers.get("content-location")[:1_000], decoder))
    for file in (file for inside in packed for file in inside.files):
        kind = file.content_type if MEDIA_TYPE.match(file.content_type) else "application/octet-stream"
        name = safe_file_name(decode_name(file.name, decoder)) or _make_unique("attachment.bin", taken)
        attachments.append(Attachment(name, kind, file.content, file.content_id))
        locations.append("")
    return attachments, locations


def place_pictures(
    html: str, attachments: list[Attachment], locations: list[str]
) -> tuple[str, list[Attachment]]:
    """Return sanitised HTML with cid: references, and the attachments, `inline` set on those it shows."""
    pictures = [
        Picture(
            attachment.content_id,
            (attachment.filename, location, location.rpartition("/")[2]),
            attachment.size,
            partial(detect_picture_type, attachment.content_type, attachment.content[:TYPE_BYTES]),
        )
        for attachment, location in zip(attachments, locations, strict=True)
    ]
    shown = find_shown_pictures(html, pictures)
    placed = list(attachments)
    for address, place in shown.items():
        content_id = placed[place].content_id or address[:ID_CHARACTERS]
        placed[place] = replace(placed[place], content_id=content_id, inline=True)
    return replace_addresses(html, {one: f"cid:{placed[at].content_id}" for one, at in shown.items()}), placed


def _read_content_id(part: Part, decoder: Decoder) -> str:
    """Return a part's Content-ID in the form in which HTML refers to it: decoded, without brackets."""
    bare = part.content_id
    if "=?" in bare:
        bare = decode_words(bare.encode("utf-8", "replace"), decoder).strip().strip("<>").strip()
    return "".join(bare.split())[:ID_CHARACTERS] if "@" in bare else bare[:ID_CHARACTERS]


def safe_file_name(name: str) -> str:
    """Return the last part of a path, shortened, or "" if nothing usable is left."""
    name = re.split(r"[/\\]", name.rstrip("/\\ "))[-1]
    name = name.strip(" ")
    if not name.strip("._ "):
        return ""
    stem, dot, extension = name.rpartition(".")
    room = limits.FILE_NAME_CHARACTERS
    if len(name) > room:
        name = (
            f"{stem[: room - len(extension) - 1]}.{extension}"
            if dot and len(extension) <= 10
            else name[:room]
        )
    return name.rstrip(". ")


def _invent_name(part: Part, content: bytes, decoder: Decoder) -> str:
    """Return a name for a part without one, by its type; an attached mail is named by its subject."""
    kind = part.content_type
    stem = STEMS.get(
        kind, kind.partition("/")[0] if kind.startswith(("image/", "audio/", "video/")) else "attachment"
    )
    if kind in ("message/rfc822", "message/global"):
        headers, _ = split_part(content, 0, min(len(content), 16_000), [])
        subject = decode_name(decode_words(headers.get("subject"), decoder), decoder)[:100]
        stem = safe_file_name(subject.replace("/", "-").replace("\\", "-")) or "message"
    suffix = WITH_KNOWN_SUFFIX.match(kind)
    extension = EXTENSIONS.get(kind) or (suffix[1] if suffix else "bin")
    return f"{stem}.{extension}"


def _make_unique(name: str, taken: Counter[str]) -> str:
    """Return the name with a number if it was used before: "photo.png", "photo-2.png"."""
    taken[name.lower()] += 1
    if taken[name.lower()] == 1:
        return name
    stem, dot, extension = name.rpartition(".")
    number = taken[name.lower()]
    return f"{stem}-{number}.{extension}" if dot and stem else f"{name}-{number}"

"""The keys by which copies of a mail are recognised: Message-ID, body digest, and digest of the whole."""

import hashlib
import re
from dataclasses import dataclass

from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.encoding.words import decode_words
from tickets.channels.email.parsing.headers import Headers, split_mail
from tickets.channels.email.reading.wordlist import split_words

MESSAGE_ID = re.compile(r"<\s*([^<>]{1,600})>")
COMMENT = re.compile(r"<[^<>]{0,600}>|\((?:[^()\\]|\\.){0,500}+\)")
# Fields that differ between copies, because each server or mailbox writes its own.
TRANSPORT = split_words(
    "received return-path delivered-to envelope-to authentication-results arc-seal arc-message-signature "
    "arc-authentication-results dkim-signature received-spf status"
)


@dataclass(frozen=True, slots=True)
class Identity:
    """The keys of a mail's ledger row, computed without parsing its parts."""

    message_id: str
    body_digest: str
    raw_digest: str


def identify(raw: bytes) -> Identity:
    """Return the keys of a mail. It costs one hash over the mail, and never raises."""
    raw = normalise_line_ends(raw)
    headers, body = split_mail(raw, [])
    return Identity(read_message_id(headers), *compute_digests(headers, raw[body:]))


def compute_digests(headers: Headers, body: bytes) -> tuple[str, str]:
    """Return the SHA-256 of the body and of the whole mail; line ends and trailing space do not matter."""
    body_hash = hashlib.sha256(body.replace(b"\r\n", b"\n").rstrip())
    whole = body_hash.copy()
    for name, value in headers:
        if name not in TRANSPORT and not name.startswith("x-"):
            whole.update(b"\n" + name.encode() + b":" + b" ".join(value.split()))
    return body_hash.hexdigest(), whole.hexdigest()


def read_message_id(headers: Headers) -> str:
    """Return the Message-ID without brackets, or "". One without "@" is accepted if it is a single word."""
    values = headers.all("message-id")
    alone = b"".join(values[:1]).decode("utf-8", "replace").strip().strip("<>")
    return next(iter(parse_message_ids(values)), "") or (alone[:500] if alone and " " not in alone else "")


def parse_message_ids(values: list[bytes]) -> list[str]:
    """Return the ids of an In-Reply-To or References field without brackets, in order, each once.

    Some programs write them as encoded words, add comments, or fold them, which leaves white space inside.
    """
    unique: dict[str, None] = {}
    for value in values:
        text = value[:64_000].decode("utf-8", "replace")
        if "=?" in text:
            text = decode_words(text.encode("utf-8", "replace"), Decoder())
        if "(" in text:
            text = COMMENT.sub(lambda match: match[0] if match[0][0] == "<" else " ", text)
        ids = ["".join(one.split()) for one in MESSAGE_ID.findall(text) if _is_id(one)]
        ids = ids or [word.strip("<>,;\"'") for word in text.split() if "@" in word]
        unique.update(dict.fromkeys(one[:500] for one in ids if one))
    return list(unique)


def _is_id(text: str) -> bool:
    """Return whether a text in angle brackets is one id, perhaps with white space inside, and no sentence."""
    pieces = text.split()
    return len(pieces) == 1 or (1 < len(pieces) <= 4 and text.count("@") == 1)


def normalise_line_ends(raw: bytes) -> bytes:
    """Return a mail with line feeds if its lines end in carriage returns alone, as on old Macs."""
    head = raw[:4_000]
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in head and b"\n" not in head else raw

"""What makes two copies of a mail the same: its Message-ID, its body, or all but what transport added."""

import hashlib
import re
from dataclasses import dataclass

from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.encoding.words import decode_words
from tickets.channels.email.parsing.headers import Headers, split_mail
from tickets.channels.email.reading.wordlist import words

MESSAGE_ID = re.compile(r"<\s*([^<>]{1,600})>")
COMMENT = re.compile(r"<[^<>]{0,600}>|\((?:[^()\\]|\\.){0,500}+\)")
# Fields that each hop or each mailbox writes anew.
TRANSPORT = words(
    "received return-path delivered-to envelope-to authentication-results arc-seal arc-message-signature "
    "arc-authentication-results dkim-signature received-spf status"
)


@dataclass(frozen=True, slots=True)
class Identity:
    """The keys of a ledger row, found without parsing the mail's parts."""

    message_id: str
    body_digest: str
    raw_digest: str


def identify(raw: bytes) -> Identity:
    """Return the keys of a mail. Cheap (one hash over the mail) and never raises."""
    raw = with_line_feeds(raw)
    headers, body = split_mail(raw, [])
    return Identity(message_id_of(headers), *digests(headers, raw[body:]))


def digests(headers: Headers, body: bytes) -> tuple[str, str]:
    """Return the digests of the body and of the whole mail; line ends and space at the end do not count."""
    body_hash = hashlib.sha256(body.replace(b"\r\n", b"\n").rstrip())
    whole = body_hash.copy()
    for name, value in headers:
        if name not in TRANSPORT and not name.startswith("x-"):
            whole.update(b"\n" + name.encode() + b":" + b" ".join(value.split()))
    return body_hash.hexdigest(), whole.hexdigest()


def message_id_of(headers: Headers) -> str:
    """Return the bare Message-ID, or "". One without "@" counts too, if it stands alone."""
    values = headers.all("message-id")
    alone = b"".join(values[:1]).decode("utf-8", "replace").strip().strip("<>")
    return next(iter(message_ids(values)), "") or (alone[:500] if alone and " " not in alone else "")


def message_ids(values: list[bytes]) -> list[str]:
    """Return the bare ids of an In-Reply-To or References field, in order, each once.

    Some programs encode them as words, comment them, or fold them inside, which leaves white space there.
    """
    found: dict[str, None] = {}
    for value in values:
        text = value[:64_000].decode("utf-8", "replace")
        if "=?" in text:
            text = decode_words(text.encode("utf-8", "replace"), Decoder())
        if "(" in text:
            text = COMMENT.sub(lambda found: found[0] if found[0][0] == "<" else " ", text)
        ids = ["".join(one.split()) for one in MESSAGE_ID.findall(text) if _is_id(one)]
        ids = ids or [word.strip("<>,;\"'") for word in text.split() if "@" in word]
        found.update(dict.fromkeys(one[:500] for one in ids if one))
    return list(found)


def _is_id(text: str) -> bool:
    """Tell whether what stands in angle brackets is one id, cut in at most a few places, and no sentence."""
    pieces = text.split()
    return len(pieces) == 1 or (1 < len(pieces) <= 4 and text.count("@") == 1)


def with_line_feeds(raw: bytes) -> bytes:
    """Return a mail whose lines end in a bare carriage return (old Macs) with line feeds."""
    head = raw[:4_000]
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in head and b"\n" not in head else raw

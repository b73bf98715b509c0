"""Recognise signed and encrypted mails, without verifying or decrypting. Source: RFC 1847, 3156, 8551."""

import re

from tickets.channels.email.parsing.encoding.wrapping import SIGNED, WRAPPED
from tickets.channels.email.parsing.mime import Part

ENCRYPTED = "encrypted"
PGP_ENCRYPTED = re.compile(r"^-----BEGIN PGP MESSAGE-----\s*$", re.MULTILINE)
PGP_SIGNED = re.compile(r"^-----BEGIN PGP SIGNED MESSAGE-----\s*$", re.MULTILINE)


def detect_protection(root: Part, text: str) -> str:
    """Return "encrypted" or "signed", by the outermost such part, or "" if the mail is neither."""
    for part in root.walk():
        if part.content_type == "multipart/encrypted":
            return ENCRYPTED
        if part.content_type == "multipart/signed" or part.parameters.get("wrapped") == SIGNED:
            return SIGNED
        if part.content_type in WRAPPED:
            kind = part.parameters.get("smime-type", "").lower()
            is_signed = kind == "signed-data" or (not kind and part.file_name.lower().endswith(".p7s"))
            return SIGNED if is_signed else ENCRYPTED
    if PGP_ENCRYPTED.search(text[:200_000]):
        return ENCRYPTED
    return SIGNED if PGP_SIGNED.search(text[:200_000]) else ""

"""Guess the sender and subject of a mail that could not be parsed, from its headers."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

from tickets.channels.guessing import Guess


def guess_from_headers(raw: bytes) -> Guess:
    """Return the sender and subject in the headers of a raw mail; empty if there are none."""
    try:
        mail = message_from_bytes(raw, policy=policy.compat32)
        sender = _header(mail.get("From", ""))
        name, address = parseaddr(sender)
        if "@" not in address:
            name = sender  # as cron writes it: "root (Cron Daemon)"
        return Guess(address[:320], name[:200], _header(mail.get("Subject", ""))[:500])
    except (MessageError, ValueError, LookupError):
        return Guess()


def _header(text: Any) -> str:
    try:
        decoded = str(make_header(decode_header(str(text))))
    except (MessageError, ValueError, LookupError):
        decoded = str(text)
    return " ".join(decoded.replace("\x00", "").split())

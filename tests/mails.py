"""Mails for tests, made with the standard library."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import make_msgid


def mail(
    sender: str, text: str, *, to: str = "support@demo.example", subject: str = "Broken lamp", **headers: str
) -> bytes:
    """Return a raw mail; a header name's underscores become dashes, an empty value leaves it out."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if "Message-ID" not in given:
        message["Message-ID"] = make_msgid(domain="petit.example")
    for name, value in given.items():
        if value:
            message[name] = value
    message.set_content(text)
    return message.as_bytes()

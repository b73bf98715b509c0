"""The mail backend used while no mail server is configured: mails are shown in the admin, not sent."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from tickets.models import SentMail


class SentMailBackend(BaseEmailBackend):
    """Store each mail as a SentMail row instead of sending it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for mail in email_messages:
            html = [a.content for a in getattr(mail, "alternatives", []) if a.mimetype == "text/html"]
            SentMail.objects.create(
                sender=str(mail.extra_headers.get("From", mail.from_email))[:320],
                recipients=mail.recipients(),
                subject=str(mail.subject)[:500],
                text=str(mail.body),
                html=str(html[0]) if html else "",
                raw=mail.message().as_bytes(),
            )
        return len(email_messages)

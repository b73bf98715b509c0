"""allauth's hooks: nobody signs up by themselves, and account mails leave through the one outbox."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from tickets import delivery
from tickets.clock import database_now
from tickets.models import Outbound


class AccountAdapter(DefaultAccountAdapter):
    """People are invited; see helpdesk.accounts.invitations."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        mail = self.render_mail(template_prefix, email, context)
        html = next((a.content for a in getattr(mail, "alternatives", [])), "")
        delivery.queue(
            Outbound.Kind.ACCOUNT,
            channel=None,
            to=email,
            now=database_now(),
            payload={"subject": str(mail.subject), "text": str(mail.body), "html": str(html)},
        )

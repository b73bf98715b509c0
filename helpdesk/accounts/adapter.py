"""allauth's hooks: nobody signs up by themselves, and account mails leave through the one outbox."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """People are invited; see helpdesk.accounts.invitations."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

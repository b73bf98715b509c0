"""Accounts of agents, supervisors and administrators."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "helpdesk.accounts"
    label = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from helpdesk.accounts import audit

        audit.connect()

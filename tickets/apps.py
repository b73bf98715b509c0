"""The Django app of customers, channels, tickets and messages."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = _("Tickets")

    def ready(self) -> None:
        import_module("tickets.api.schema")  # registers how the OpenAPI schema describes API keys

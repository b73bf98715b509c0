"""Read-only pages: events, the ledger, the outbox, and the mails that a trial installation stored."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tickets.admin.roles import ReadOnlyAdmin
from tickets.channels.email.mailboxes import reconciliation
from tickets.models import Event, Inbound, Outbound, SentMail


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "ticket_number", "actor_kind", "actor_id", "cause"]
    list_filter = ["is_audit"]
    show_full_result_count = False
    date_hierarchy = None
    ordering = ["-id"]


@admin.register(Inbound)
class InboundAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "channel", "state", "reason", "size", "attempts", "ticket_number"]
    list_filter = ["state", "channel"]
    exclude = ["why"]
    readonly_fields = ["reason"]
    list_select_related = ["channel"]
    show_full_result_count = False

    @admin.display(description=_("why"))
    def reason(self, row: Inbound) -> str:
        """Return the reason of the row's outcome in words."""
        return reconciliation.describe_outcome(row) or "-"


@admin.register(Outbound)
class OutboundAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "kind", "to", "state", "attempts", "error", "ticket_number"]
    list_filter = ["state", "kind"]
    exclude = ["payload"]
    show_full_result_count = False


@admin.register(SentMail)
class SentMailAdmin(ReadOnlyAdmin):
    list_display = ["at", "subject", "sender", "to"]
    fields = ["at", "subject", "sender", "to", "text"]
    readonly_fields = ["to"]
    show_full_result_count = False

    @admin.display(description=_("to"))
    def to(self, mail: SentMail) -> str:
        """Return the recipients, separated by commas."""
        return ", ".join(map(str, mail.recipients))

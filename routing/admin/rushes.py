"""Plans for rushes, who is on call, slots, and the fairness ledger's rows."""

from __future__ import annotations

from django.contrib import admin

from routing.admin.spans import SpanColumns, SpanForm
from routing.models import OnCall, Relationship, Slot, SurgePlan
from tickets.admin.roles import RoleAdmin


@admin.register(SurgePlan)
class SurgePlanAdmin(RoleAdmin):
    list_display = ["queue", "is_active", "from_minutes", "until_minutes", "duty_minutes"]
    list_select_related = ["queue"]
    autocomplete_fields = ["queue"]
    supervisor_access = "change"
    queue_path = "queue"


@admin.register(OnCall)
class OnCallAdmin(SpanColumns, RoleAdmin):
    form = SpanForm
    fields = ["queue", "agent", "starts", "ends"]
    list_display = ["queue", "agent", "begins", "until"]
    list_select_related = ["queue", "agent__user"]
    list_filter = ["queue"]
    autocomplete_fields = ["queue", "agent"]
    supervisor_access = "change"
    queue_path = "queue"


@admin.register(Slot)
class SlotAdmin(SpanColumns, RoleAdmin):
    form = SpanForm
    fields = ["queue", "starts", "ends", "seats", "note"]
    list_display = ["queue", "begins", "until", "seats", "note"]
    list_select_related = ["queue"]
    list_filter = ["queue"]
    autocomplete_fields = ["queue"]
    supervisor_access = "change"
    queue_path = "queue"


@admin.register(Relationship)
class RelationshipAdmin(RoleAdmin):
    fields = ["customer", "agent", "role"]
    list_display = ["customer", "agent", "role", "times", "last_at", "last_outcome"]
    list_select_related = ["customer", "agent__user"]
    list_filter = ["role"]
    autocomplete_fields = ["customer", "agent"]
    show_full_result_count = False

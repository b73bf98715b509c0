"""Policies: new versions are made and put in force, old ones stay as they were."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from routing.models import Decision, Policy
from tickets.actor import Actor
from tickets.admin.roles import ReadOnlyAdmin, RoleAdmin
from tickets.clock import database_now


@admin.register(Policy)
class PolicyAdmin(RoleAdmin):
    fields = ["parameters", "note"]
    list_display = ["version", "is_active", "note", "created_at"]
    actions = ["put_in_force"]
    supervisors = "view"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        latest = Policy.objects.aggregate(latest=Max("version"))["latest"]
        obj.version = (latest or 0) + 1
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Put in force"), permissions=["change"])
    def put_in_force(self, request: HttpRequest, queryset: QuerySet[Policy]) -> None:
        chosen = list(queryset)
        if len(chosen) != 1:
            self.message_user(request, _("Choose one policy: only one is in force."), messages.ERROR)
            return
        chosen[0].put_in_force(by=Actor.for_user(request.user), now=database_now())


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ["at", "item", "how", "agent", "by", "reason", "policy_version"]
    list_select_related = ["item", "agent__user", "by"]
    list_filter = ["how"]
    show_full_result_count = False

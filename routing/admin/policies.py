"""Routing rules in the settings lead to their own page; what was decided is a log."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from routing.models import Decision, Policy
from tickets.admin.roles import ReadOnlyAdmin, RoleAdmin


@admin.register(Policy)
class PolicyAdmin(RoleAdmin):
    supervisor_access = "view"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("routing:policies")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return redirect("routing:policies")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return redirect("routing:policies")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ["at", "item", "how", "agent", "by", "reason", "policy_version"]
    list_select_related = ["item", "agent__user", "by"]
    list_filter = ["how"]
    show_full_result_count = False

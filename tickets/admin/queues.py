"""Configuration of queues, memberships, SLA targets, contact reasons, tags, and of the company."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tickets.admin.roles import RoleAdmin, RoleInline
from tickets.models import Company, Motive, Queue, QueueMembership, SlaPolicy, Tag


class MembershipInline(RoleInline):
    model = QueueMembership
    autocomplete_fields = ["user"]


class SlaInline(RoleInline):
    model = SlaPolicy


@admin.register(Queue)
class QueueAdmin(RoleAdmin):
    list_display = ["slug", "name_en", "name_fr", "calendar", "is_active"]
    search_fields = ["slug", "name_en", "name_fr"]
    inlines = [MembershipInline, SlaInline]
    supervisor_access = "view"
    queue_path = "pk"


@admin.register(Company)
class CompanyAdmin(RoleAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request) and not Company.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Motive)
class MotiveAdmin(RoleAdmin):
    list_display = ["slug", "name_en", "name_fr", "parent", "is_resolvable_at_first_contact", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["slug", "name_en", "name_fr"]
    supervisor_access = "change"


@admin.register(Tag)
class TagAdmin(RoleAdmin):
    search_fields = ["name"]
    supervisor_access = "change"

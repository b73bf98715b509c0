"""Surveys and facts in the admin, read-only: a number is corrected by an event, never by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from metrics.models import (
    FactContact,
    FactIssue,
    FactPromise,
    FactTicket,
    FactWaitSegment,
    Survey,
    SurveyOptOut,
    Watermark,
)
from tickets.actor import Actor
from tickets.admin.roles import ReadOnlyAdmin, RoleAdmin


@admin.register(Survey)
class SurveyAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "ticket_number", "state", "reason", "score", "comment", "answered_at"]
    list_filter = ["state", "reason", "score"]
    exclude = ["digest", "public_id"]
    show_full_result_count = False
    supervisor_access = "view"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Survey.objects.visible_to(Actor.for_user(request.user)).select_related("ticket", "customer")


@admin.register(SurveyOptOut)
class SurveyOptOutAdmin(RoleAdmin):
    list_display = ["customer", "at"]
    list_select_related = ["customer"]
    autocomplete_fields = ["customer"]


@admin.register(FactTicket)
class FactTicketAdmin(ReadOnlyAdmin):
    list_display = [
        "ticket_number",
        "began_at",
        "first_reply_at",
        "first_reply_seconds",
        "resolved_at",
        "is_spam",
    ]
    list_filter = ["is_spam", "channel"]
    ordering = ["-began_at"]
    show_full_result_count = False


@admin.register(FactIssue)
class FactIssueAdmin(ReadOnlyAdmin):
    list_display = [
        "ticket_number",
        "began_at",
        "contact_count",
        "first_resolved_at",
        "repeat_at",
        "repeat_by",
    ]
    list_filter = ["repeat_by"]
    ordering = ["-began_at"]
    show_full_result_count = False


@admin.register(FactContact)
class FactContactAdmin(ReadOnlyAdmin):
    list_display = [
        "contact_id",
        "ticket_number",
        "channel",
        "started_at",
        "ended_at",
        "why_not",
        "repeat_at",
    ]
    list_filter = ["why_not", "channel"]
    ordering = ["-started_at"]
    show_full_result_count = False


@admin.register(FactWaitSegment)
class FactWaitSegmentAdmin(ReadOnlyAdmin):
    list_display = ["ticket_number", "waits_on", "started_at", "ended_at"]
    list_filter = ["waits_on"]
    ordering = ["-id"]
    show_full_result_count = False


@admin.register(FactPromise)
class FactPromiseAdmin(ReadOnlyAdmin):
    list_display = ["promise_id", "ticket_number", "kind", "made_at", "due_at", "outcome", "settled_at"]
    list_filter = ["outcome", "kind"]
    ordering = ["-due_at"]
    show_full_result_count = False


@admin.register(Watermark)
class WatermarkAdmin(ReadOnlyAdmin):
    list_display = ["refreshed_at", "settled_id", "candidate_id"]

"""Agents: languages, limits, skills, weekly shifts and leave on one page; single shifts on their own."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from routing.admin.spans import SpanColumns, SpanForm
from routing.models import Agent, AgentSkill, Leave, Shift, ShiftPattern
from routing.workforce import shifts
from routing.workforce.agents import make_agent
from tickets.admin.roles import RoleAdmin, RoleInline
from tickets.clock import database_now
from tickets.models.fields import Language


class AgentForm(forms.ModelForm[Agent]):
    """Languages are ticked, not typed."""

    languages = forms.MultipleChoiceField(
        label=capfirst(_("languages")), choices=Language, widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = Agent
        fields = [
            "user",
            "is_active",
            "works_from",
            "languages",
            "time_zone",
            "schedule",
            "stays_late",
            "chat_limit",
            "places",
            "region",
            "clearances",
            "helps_out",
            "helps_a_week",
        ]


class SkillInline(RoleInline):
    model = AgentSkill
    autocomplete_fields = ["skill"]


class PatternInline(RoleInline):
    model = ShiftPattern


class LeaveInline(RoleInline):
    model = Leave
    form = SpanForm
    fields = ["starts", "ends", "note"]


@admin.register(Agent)
class AgentAdmin(RoleAdmin):
    form = AgentForm
    list_display = ["user", "works_from", "spoken", "schedule", "chat_limit", "places", "is_active"]
    list_select_related = ["user"]
    list_filter = ["is_active", "works_from", "schedule"]
    search_fields = ["user__name", "user__email"]
    ordering = ["user__name", "pk"]
    autocomplete_fields = ["user"]
    inlines: ClassVar[Any] = [SkillInline, PatternInline, LeaveInline]
    supervisor_access = "change"
    queue_path = "user__memberships__queue"

    @admin.display(description=_("languages"))
    def spoken(self, agent: Agent) -> str:
        return ", ".join(str(dict(Language.choices).get(code, code)) for code in agent.languages)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["user"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        now = database_now()
        make_agent(form.instance.user, now=now)
        shifts.replan_shifts(form.instance, now=now)


@admin.register(Shift)
class ShiftAdmin(SpanColumns, RoleAdmin):
    form = SpanForm
    fields = ["agent", "starts", "ends"]
    list_display = ["agent", "begins", "until", "is_by_hand"]
    list_select_related = ["agent__user"]
    list_filter = ["agent"]
    autocomplete_fields = ["agent"]
    supervisor_access = "change"
    queue_path = "agent__user__memberships__queue"

    @admin.display(description=_("set by hand"), boolean=True)
    def is_by_hand(self, shift: Shift) -> bool:
        return shift.pattern_id is None

"""Opening hours and closed days."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tickets.admin.roles import RoleAdmin, RoleInline
from tickets.models import Calendar, Holiday, OpeningRule


class CalendarForm(forms.ModelForm[Calendar]):
    """The time zone is one of the world's."""

    class Meta:
        model = Calendar
        fields = ["name", "time_zone", "is_always_open", "holidays_of"]

    def clean_time_zone(self) -> str:
        name = self.cleaned_data["time_zone"]
        if name not in zoneinfo.available_timezones():
            raise forms.ValidationError(_("Write a time zone such as Europe/Paris."))
        return str(name)


class RuleInline(RoleInline):
    model = OpeningRule


class HolidayInline(RoleInline):
    model = Holiday


@admin.register(Calendar)
class CalendarAdmin(RoleAdmin):
    form = CalendarForm
    list_display = ["name", "time_zone", "is_always_open", "version"]
    inlines: Any = [RuleInline, HolidayInline]
    supervisors = "change"

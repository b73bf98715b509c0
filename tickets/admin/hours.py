"""Opening hours and closed days."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.admin.roles import RoleAdmin, RoleInline
from tickets.clock import database_now
from tickets.hours import holidays, opening_hours
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

    def clean_holidays_of(self) -> str:
        place = str(self.cleaned_data["holidays_of"]).strip().upper()
        if place and place not in holidays.KNOWN:
            known = ", ".join(holidays.KNOWN)
            raise forms.ValidationError(
                _("Tandem knows the public holidays of: %(known)s. Enter others as closed days.")
                % {"known": known}
            )
        return place


class RuleInline(RoleInline):
    model = OpeningRule


class HolidayInline(RoleInline):
    model = Holiday


@admin.register(Calendar)
class CalendarAdmin(RoleAdmin):
    form = CalendarForm
    list_display = ["name", "time_zone", "is_always_open", "version"]
    inlines = [RuleInline, HolidayInline]
    supervisors = "change"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        opening_hours.publish(form.instance, now=database_now(), by=Actor.for_user(request.user))

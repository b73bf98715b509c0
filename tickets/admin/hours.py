"""Configuration of opening hours and closed days."""

from __future__ import annotations

import zoneinfo
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import get_format
from django.utils.html import format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tickets import wording
from tickets.actor import Actor
from tickets.admin.roles import RoleAdmin, RoleInline
from tickets.clock import database_now
from tickets.errors import Invalid
from tickets.hours import holidays, opening_hours
from tickets.models import Calendar, Holiday, OpeningRule


class CalendarForm(forms.ModelForm[Calendar]):
    """The form of a calendar: it checks the time zone, and the place of its public holidays."""

    class Meta:
        model = Calendar
        fields = ["name", "time_zone", "is_always_open", "holidays_of"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = self.instance.holidays_of
        self.fields["holidays_of"] = forms.ChoiceField(  # created here, in the language of the request
            label=_("public holidays of"),
            choices=list_place_choices(present),
            required=False,
            help_text=_(
                "A country, or a part of it with holidays of its own. Enter other days as closed days."
            ),
        )

    def clean_time_zone(self) -> str:
        name = self.cleaned_data["time_zone"]
        if name not in zoneinfo.available_timezones():
            raise forms.ValidationError(_("Write a time zone such as Europe/Paris."))
        return str(name)

    def clean_holidays_of(self) -> str:
        place = str(self.cleaned_data["holidays_of"])
        today = database_now().date()
        try:
            if place:
                holidays.find_public_holidays(place, today, today)
        except Invalid as error:
            raise forms.ValidationError(error.sentence) from None
        return place


def list_place_choices(present: str) -> list[tuple[str, str]]:
    """Return (code, name) of the places whose public holidays can be chosen, in the active language.

    `present` is the stored code. It stays in the list even if it is unknown: the form would otherwise select
    another place without a word.
    """
    places = [("", str(_("no public holidays"))), *holidays.list_places(get_language() or "en")]
    return places if present in dict(places) else [*places, (present, present)]


class RuleInline(RoleInline):
    model = OpeningRule


class HolidayInline(RoleInline):
    model = Holiday


@admin.register(Calendar)
class CalendarAdmin(RoleAdmin):
    form = CalendarForm
    list_display = ["name", "time_zone", "is_always_open", "version"]
    readonly_fields = ["holidays_ahead"]
    inlines = [RuleInline, HolidayInline]
    supervisor_access = "change"

    @admin.display(description=_("public holidays of the next twelve months"))
    def holidays_ahead(self, calendar: Calendar) -> str:
        """Return the public holidays of the next twelve months with their names, as HTML."""
        if not calendar.holidays_of:
            return "–"
        today = database_now().astimezone(zoneinfo.ZoneInfo(calendar.time_zone)).date()
        try:
            days = holidays.find_public_holidays(
                calendar.holidays_of, today, today + timedelta(days=365), get_language() or ""
            )
        except Invalid as error:
            return str(error.sentence)
        return format_html_join(
            "",
            "{}: {}<br>",
            ((wording.format_date(day, get_format("DATE_FORMAT")), name) for day, name in days.items()),
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        opening_hours.publish_version(form.instance, now=database_now(), by=Actor.for_user(request.user))

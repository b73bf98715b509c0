"""Rows with a span of time: from and until instead of a range, in forms and in lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _


class SpanForm(forms.ModelForm[models.Model]):
    """Ask for the two ends of `during`; overlaps are refused by the model's own constraint."""

    starts = forms.SplitDateTimeField(label=capfirst(_("from")), widget=AdminSplitDateTime)
    ends = forms.SplitDateTimeField(label=capfirst(_("until")), widget=AdminSplitDateTime)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        during = getattr(self.instance, "during", None)
        if during:
            self.initial.update(starts=during.lower, ends=during.upper)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        starts, ends = data.get("starts"), data.get("ends")
        if starts and ends and starts >= ends:
            self.add_error("ends", _("The end must lie after the beginning."))
        elif starts and ends:
            self.instance.during = DateTimeTZRange(starts, ends)  # type: ignore[attr-defined]
        return data

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"during"}  # type: ignore[misc,no-any-return]


class SpanColumns:
    """Two columns of a list instead of a range: from when, until when, in the reader's own time."""

    @admin.display(description=_("from"), ordering="during")
    def begins(self, row: Any) -> datetime:
        begins: datetime = row.during.lower
        return begins

    @admin.display(description=_("until"))
    def until(self, row: Any) -> datetime:
        ends: datetime = row.during.upper
        return ends

"""When people work: weekly patterns in their own wall-clock time, the shifts laid from them, and leave.

`uid` is the name that a person's own calendar gave an entry: reading the same calendar again changes it.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.models import OpeningRule


class ShiftPattern(models.Model):
    """One span of a weekday, in the agent's wall-clock time; an end before the start is the next day."""

    agent = models.ForeignKey(
        "routing.Agent", models.CASCADE, verbose_name=_("agent"), related_name="patterns"
    )
    weekday = models.SmallIntegerField(_("weekday"), choices=OpeningRule.Weekday)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    valid_from = models.DateField(_("first day"), null=True, blank=True)
    valid_until = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name = _("weekly shift")
        verbose_name_plural = _("weekly shifts")
        ordering = ["weekday", "starts"]
        constraints = [
            models.CheckConstraint(condition=~Q(starts=models.F("ends")), name="shift_pattern_not_empty")
        ]

    def __str__(self) -> str:
        return f"{self.agent} · {self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


class ShiftQuerySet(models.QuerySet["Shift"]):
    def at(self, now: datetime) -> ShiftQuerySet:
        """Shifts that run at a moment."""
        return self.filter(during__contains=now)


class Shift(models.Model):
    """A span in which a person works: laid from a pattern, or set by hand."""

    agent = models.ForeignKey("routing.Agent", models.CASCADE, verbose_name=_("agent"), related_name="shifts")
    during = DateTimeRangeField(_("from and until"))
    pattern = models.ForeignKey(ShiftPattern, models.CASCADE, null=True, blank=True, related_name="shifts")
    booking = models.OneToOneField(
        "routing.SlotBooking", models.CASCADE, null=True, blank=True, related_name="shift"
    )
    uid = models.CharField(max_length=255, blank=True, db_default="", editable=False)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["during"]
        constraints = [
            ExclusionConstraint(
                name="shifts_do_not_overlap",
                expressions=[("agent", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                violation_error_message=_("This person already works at that time."),
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="shift_begins_and_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent} · {self.during.lower:%Y-%m-%d %H:%M}–{self.during.upper:%H:%M}"


class Leave(models.Model):
    """A span in which a person does not work though they would: holiday, illness, training."""

    agent = models.ForeignKey("routing.Agent", models.CASCADE, related_name="leaves")
    during = DateTimeRangeField(_("from and until"))
    note = models.CharField(_("note"), max_length=120, blank=True)
    uid = models.CharField(max_length=255, blank=True, db_default="", editable=False)

    class Meta:
        verbose_name = _("leave")
        verbose_name_plural = _("leaves")
        ordering = ["during"]
        constraints = [
            ExclusionConstraint(
                name="leaves_do_not_overlap",
                expressions=[("agent", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                violation_error_message=_("This person is already on leave at that time."),
            ),
            models.CheckConstraint(condition=Q(during__isempty=False), name="leave_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} · {self.during.lower:%Y-%m-%d}"

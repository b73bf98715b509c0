"""The fairness ledger: what a day asked of each person, derived from rows; and what they call hard."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkDay(models.Model):
    """One day of one person, in their own time zone: time in contact, time available, effort, odd hours."""

    agent = models.ForeignKey("routing.Agent", models.CASCADE, related_name="work_days", db_index=False)
    day = models.DateField(_("day"))
    contact_seconds = models.PositiveIntegerField(default=0)
    available_seconds = models.PositiveIntegerField(default=0)
    effort_points = models.PositiveIntegerField(default=0)
    unsocial_shifts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("day's work")
        verbose_name_plural = _("days' work")
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["agent", "day"], name="one_work_day")]

    def __str__(self) -> str:
        return f"{self.agent} · {self.day}"


class HardMark(models.Model):
    """An agent says that a ticket was hard; it counts as more effort for them."""

    agent = models.ForeignKey("routing.Agent", models.CASCADE, related_name="hard_marks")
    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="hard_marks")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("mark of a difficult ticket")
        verbose_name_plural = _("marks of difficult tickets")
        constraints = [models.UniqueConstraint(fields=["agent", "ticket"], name="hard_once")]

    def __str__(self) -> str:
        return f"{self.agent} · #{self.ticket_id}"

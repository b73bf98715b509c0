"""Who has a ticket open and how far they have read, so that agents see each other in a ticket."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

PRESENT_FOR = timedelta(seconds=30)


class ReaderQuerySet(models.QuerySet["Reader"]):
    def present(self, now: datetime) -> ReaderQuerySet:
        """Return readers whose page reported within the last 30 s that it shows the ticket."""
        return self.seen_since(now - PRESENT_FOR)

    def seen_since(self, moment: datetime) -> ReaderQuerySet:
        return self.filter(at__gt=moment)


class Reader(models.Model):
    """One person in one ticket: the last message they saw, and when their page last showed the ticket."""

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_seq = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(null=True)
    is_writing = models.BooleanField(default=False)

    objects = ReaderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reader")
        verbose_name_plural = _("readers")
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="one_place_per_reader")]

    def __str__(self) -> str:
        return f"{self.user_id} · #{self.ticket_id}"

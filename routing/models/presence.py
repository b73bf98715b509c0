"""Presence: what a person says they are there for, whether we still hear from them, and since when."""

from __future__ import annotations

import math
from datetime import datetime

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from routing.engine import Medium


class Presence(models.Model):
    """One row a person, written often: status by command, `seen_at` by heartbeat, hands by routing.

    `free_units` are the units of 100 that live work leaves free; a guard in the database keeps it from
    going below zero, and reconciling keeps it true to the work items.
    """

    class Status(models.TextChoices):
        AVAILABLE = "available", _("available")
        FOCUS = "focus", _("focus")
        BREAK = "break", _("on a break")
        AWAY = "away", _("away")
        OFFLINE = "offline", _("offline")

    agent = models.OneToOneField("routing.Agent", models.CASCADE, primary_key=True, related_name="presence")
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.OFFLINE)
    since = models.DateTimeField(_("since"))
    return_at = models.DateTimeField(_("back at"), null=True, blank=True)
    seen_at = models.DateTimeField(_("last heard of"), null=True, blank=True)
    is_connected = models.BooleanField(_("connected"), default=False)
    signed_on_at = models.DateTimeField(_("signed on"), null=True, blank=True)
    lost_at = models.DateTimeField(_("connection lost"), null=True, blank=True)
    takes_calls = models.BooleanField(_("takes calls"), default=True, db_default=True)
    takes_chats = models.BooleanField(_("takes chats"), default=True, db_default=True)
    takes_mail = models.BooleanField(_("takes mail"), default=True, db_default=True)
    version = models.PositiveIntegerField(default=0)
    free_units = models.SmallIntegerField(default=100)
    last_contact_at = models.DateTimeField(null=True, blank=True)
    last_live_at = models.DateTimeField(null=True, blank=True)
    elder_credit = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [
            models.CheckConstraint(condition=Q(free_units__range=(0, 100)), name="presence_units_free")
        ]

    def __str__(self) -> str:
        return f"{self.agent} · {self.get_status_display()}"

    @property
    def media(self) -> frozenset[Medium]:
        """The media that the status allows and the person has not put aside."""
        return allowed_media(
            self.status, calls=self.takes_calls, chats=self.takes_chats, mail=self.takes_mail
        )

    def is_overdue(self, now: datetime) -> bool:
        """The time they gave for their return has passed, and they have not said that they are back."""
        seconds = self.due_in(now)
        return seconds is not None and seconds <= 0

    def due_in(self, now: datetime) -> int | None:
        """Return in how many seconds somebody on a pause is due back, or None where they gave no time."""
        if self.return_at is None or self.status not in (self.Status.BREAK, self.Status.AWAY):
            return None
        return math.ceil((self.return_at - now).total_seconds())


MEDIA: dict[str, frozenset[Medium]] = {
    Presence.Status.AVAILABLE: frozenset(Medium),
    Presence.Status.FOCUS: frozenset(Medium),  # the engine's focus rule keeps live work away
    Presence.Status.BREAK: frozenset(),
    Presence.Status.AWAY: frozenset(),
    Presence.Status.OFFLINE: frozenset(),
}


def allowed_media(status: str, *, calls: bool, chats: bool, mail: bool) -> frozenset[Medium]:
    """Return the media that may come to somebody of this status who takes these channels."""
    taken = {Medium.VOICE: calls, Medium.CHAT: chats, Medium.MAIL: mail}
    return frozenset(medium for medium in MEDIA[status] if taken[medium])


class PresenceSpan(models.Model):
    """A span in which a person was there with one status, and where from; spans do not overlap.

    The database says so (WITHOUT OVERLAPS, in a migration). An open span has no upper bound. Nothing
    finer is kept: no idle time, no keys, no screens.
    """

    agent = models.ForeignKey("routing.Agent", models.CASCADE, related_name="presence_spans", db_index=False)
    during = DateTimeRangeField()
    status = models.CharField(max_length=9, choices=Presence.Status)
    works_from = models.CharField(max_length=6)

    class Meta:
        verbose_name = _("presence span")
        verbose_name_plural = _("presence spans")
        ordering = ["during"]
        constraints = [
            models.CheckConstraint(condition=Q(during__isempty=False), name="presence_span_not_empty"),
            models.UniqueConstraint(
                fields=["agent"], condition=Q(during__upper_inf=True), name="one_open_presence_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent} · {self.status} · {self.during}"

"""Slots: hours in which a queue wants people, and the bookings of those who would like to work them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.models import Queue


class SlotQuerySet(models.QuerySet["Slot"]):
    def visible_to(self, actor: Actor) -> SlotQuerySet:
        """Slots of the queues the actor works in or supervises."""
        return self.filter(queue__in=Queue.objects.visible_to(actor))

    def coming(self, now: datetime) -> SlotQuerySet:
        return self.filter(during__endswith__gt=now)

    def with_taken(self) -> SlotQuerySet:
        """Add `taken`: how many bookings were approved."""
        approved = Q(bookings__state=SlotBooking.State.APPROVED)
        return self.annotate(taken=Count("bookings", filter=approved))


class Slot(models.Model):
    """A span in which a queue wants `seats` people beyond the planned shifts."""

    queue = models.ForeignKey("tickets.Queue", models.CASCADE, verbose_name=_("queue"), related_name="slots")
    during = DateTimeRangeField(_("from and until"))
    seats = models.PositiveSmallIntegerField(_("people wanted"), default=1, validators=[MinValueValidator(1)])
    note = models.CharField(_("note"), max_length=120, blank=True)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        ordering = ["during", "queue"]
        constraints = [
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="slot_begins_and_ends",
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue} · {self.during.lower:%Y-%m-%d %H:%M}–{self.during.upper:%H:%M}"


class SlotBookingQuerySet(models.QuerySet["SlotBooking"]):
    def visible_to(self, actor: Actor) -> SlotBookingQuerySet:
        """A person's own bookings, and those for the queues they supervise."""
        supervised = Queue.objects.supervised_by(actor)
        return self.filter(Q(agent__user_id=actor.user_id) | Q(slot__queue__in=supervised))


class SlotBooking(models.Model):
    """One person's wish to work a slot, and a supervisor's answer; a yes makes a shift."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("not this time")
        WITHDRAWN = "withdrawn", _("withdrawn")

    slot = models.ForeignKey(Slot, models.CASCADE, related_name="bookings")
    agent = models.ForeignKey("routing.Agent", models.CASCADE, related_name="bookings")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField(_("asked"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = SlotBookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking of a slot")
        verbose_name_plural = _("bookings of slots")
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["slot", "agent"],
                condition=Q(state__in=("asked", "approved")),
                name="one_standing_booking",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent} · {self.slot} ({self.state})"

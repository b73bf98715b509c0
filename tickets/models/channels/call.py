"""Phone calls, and callbacks that customers requested."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tickets import wording
from tickets.actor import Actor
from tickets.models.queue import Queue
from tickets.models.ticket import Ticket


class CallQuerySet(models.QuerySet["Call"]):
    def visible_to(self, actor: Actor) -> CallQuerySet:
        """Return calls of visible tickets; calls without a ticket are visible by their channel's queue."""
        if actor.is_administrator:
            return self
        seen = Q(ticket__in=Ticket.objects.visible_to(actor))
        if not actor.is_user:
            return self.filter(seen)
        return self.filter(seen | Q(ticket=None, channel__queue__in=Queue.objects.visible_to(actor)))

    def on_timeline(self, ticket: int, customer: int) -> CallQuerySet:
        """Return the calls of one ticket, and those of its customer that belong to no ticket."""
        return self.filter(Q(ticket=ticket) | Q(ticket=None, customer=customer))


class Call(models.Model):
    """One phone call, reported by a provider's webhook or logged by an agent."""

    class Direction(models.TextChoices):
        INBOUND = "in", _("incoming")
        OUTBOUND = "out", _("outgoing")

    class Result(models.TextChoices):
        RINGING = "ringing", pgettext_lazy("a call", "ringing")
        ANSWERED = "answered", pgettext_lazy("a call", "answered")
        MISSED = "missed", pgettext_lazy("a call", "missed")
        VOICEMAIL = "voicemail", pgettext_lazy("a call", "voicemail")
        BUSY = "busy", pgettext_lazy("a call", "busy")
        FAILED = "failed", pgettext_lazy("a call", "failed")

    channel = models.ForeignKey("tickets.Channel", models.PROTECT, related_name="calls")
    external_id = models.CharField(_("the provider's id"), max_length=120)
    ticket = models.ForeignKey("tickets.Ticket", models.SET_NULL, null=True, blank=True, related_name="calls")
    contact = models.ForeignKey(
        "tickets.Contact", models.SET_NULL, null=True, blank=True, related_name="calls"
    )
    customer = models.ForeignKey(
        "tickets.Customer", models.SET_NULL, null=True, blank=True, related_name="calls"
    )
    message = models.OneToOneField(
        "tickets.Message", models.SET_NULL, null=True, blank=True, related_name="call"
    )
    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    result = models.CharField(_("result"), max_length=9, choices=Result)
    customer_number = models.CharField(_("customer's number"), max_length=20, blank=True)
    our_number = models.CharField(_("our number"), max_length=20, blank=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="calls"
    )
    started_at = models.DateTimeField(_("started"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_is_assumed = models.BooleanField(_("end never told"), default=False, editable=False)
    told_number = models.CharField(max_length=20, blank=True, editable=False)
    note = models.TextField(_("note"), blank=True)
    told = models.JSONField(default=list, blank=True, editable=False)
    recording_url = models.URLField(_("recording"), max_length=500, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ["-started_at"]
        constraints = [models.UniqueConstraint(fields=["channel", "external_id"], name="call_once")]
        indexes = [models.Index(fields=["customer_number", "-started_at"], name="call_by_number")]

    def __str__(self) -> str:
        return f"{self.customer_number} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def talk_seconds(self) -> int | None:
        """The seconds from answer to end; None if it was not answered, has not ended, or no end was told."""
        if self.answered_at is None or self.ended_at is None or self.end_is_assumed:
            return None
        return int((self.ended_at - self.answered_at).total_seconds())

    @property
    def is_ours(self) -> bool:
        return self.direction == self.Direction.OUTBOUND

    def in_words(self) -> str:
        """Return a short description that customers and agents may both read: "Call, 4 min"."""
        if self.result == self.Result.ANSWERED:
            return self._talk_in_words()
        if self.result == self.Result.RINGING:
            return gettext("We are calling") if self.is_ours else gettext("Call, ringing")
        if self.is_ours:
            return gettext("We called and did not reach you")
        return gettext("Voicemail") if self.result == self.Result.VOICEMAIL else gettext("Missed call")

    def _talk_in_words(self) -> str:
        if self.end_is_assumed:
            return (
                gettext("We called, the end was not recorded")
                if self.is_ours
                else gettext("Call, the end was not recorded")
            )
        if self.talk_seconds is None:
            return (
                gettext("We called, on the phone now") if self.is_ours else gettext("Call, on the phone now")
            )
        length = wording.format_length(self.talk_seconds)
        words = gettext("We called, %(length)s") if self.is_ours else gettext("Call, %(length)s")
        return words % {"length": length}


class Callback(models.Model):
    """A call back that was promised to a customer, between `from_at` and `until_at`."""

    class State(models.TextChoices):
        WAITING = "waiting", _("to be called")
        DONE = "done", _("called")
        CANCELLED = "cancelled", _("cancelled")

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="callbacks")
    number = models.CharField(_("number"), max_length=20)
    from_at = models.DateTimeField(_("from"))
    until_at = models.DateTimeField(_("until"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    missed_call = models.ForeignKey(Call, models.SET_NULL, null=True, blank=True, related_name="callbacks")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("call back")
        verbose_name_plural = _("call backs")
        indexes = [models.Index(fields=["until_at"], condition=Q(state="waiting"), name="callback_waiting")]

    def __str__(self) -> str:
        return f"{self.number} {self.from_at:%Y-%m-%d %H:%M}"

"""The outbox: one row for each message to be sent, with its delivery state.

Also the mails that a trial installation stores instead of sending them.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.models.channels.delivery_error import DeliveryErrorField
from tickets.models.fields import public_id


class OutboundQuerySet(models.QuerySet["Outbound"]):
    def due(self, now: datetime) -> OutboundQuerySet:
        """Return rows to send at `now`: queued rows, held rows whose time has come, and expired leases.

        A row in state `sending` is due again when its lease ends, since its sender has died.
        """
        return self.filter(state__in=Outbound.WAITING, next_attempt_at__lte=now).order_by(
            "next_attempt_at", "id"
        )


class Outbound(models.Model):
    """One outgoing mail or other message; each attempt sends the same mail with the same id."""

    class State(models.TextChoices):
        HELD = "held", _("sending soon")
        SCHEDULED = "scheduled", _("scheduled")
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("sending")
        DEFERRED = "deferred", _("retrying")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("not delivered")
        BOUNCED = "bounced", _("bounced")
        CANCELLED = "cancelled", _("cancelled")

    class Kind(models.TextChoices):
        REPLY = "reply", _("reply")
        ACKNOWLEDGEMENT = "ack", _("acknowledgement")
        SURVEY = "survey", _("survey")
        NOTICE = "notice", _("notice")
        ACCOUNT = "account", _("account mail")

    STOPPABLE = (State.HELD, State.SCHEDULED, State.QUEUED, State.DEFERRED)
    WAITING = (*STOPPABLE, State.SENDING)

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    channel = models.ForeignKey(
        "tickets.Channel",
        models.PROTECT,
        verbose_name=_("channel"),
        null=True,
        blank=True,
        related_name="outbounds",
    )
    ticket = models.ForeignKey(
        "tickets.Ticket",
        models.CASCADE,
        verbose_name=_("ticket"),
        null=True,
        blank=True,
        related_name="outbounds",
    )
    message = models.ForeignKey(
        "tickets.Message",
        models.CASCADE,
        verbose_name=_("message"),
        null=True,
        blank=True,
        related_name="outbounds",
    )
    participant = models.ForeignKey(
        "tickets.Participant",
        models.SET_NULL,
        verbose_name=_("participant"),
        null=True,
        blank=True,
        related_name="+",
    )
    to = models.CharField(_("to"), max_length=320)
    cc = models.JSONField(_("copies to"), default=list, blank=True)
    mail_id = models.CharField(_("mail's id"), max_length=250, unique=True)
    provider_id = models.CharField(_("provider's id"), max_length=250, blank=True)
    payload = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    error = DeliveryErrorField(_("last error"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    objects = OutboundQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing item")
        verbose_name_plural = _("outgoing items")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state__in=("held", "scheduled", "queued", "deferred", "sending")),
                name="outbound_due",
            ),
            models.Index(fields=["to", "-created_at"], name="outbound_by_address"),
            models.Index(
                fields=["provider_id"], condition=~Q(provider_id=""), name="outbound_by_provider_id"
            ),
            models.Index(
                fields=["-id"], condition=Q(state__in=("failed", "bounced")), name="outbound_for_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.to} ({self.state})"

    @property
    def is_automatic(self) -> bool:
        """Whether software sends it without a person's request; account mails are requested."""
        return self.kind in (self.Kind.ACKNOWLEDGEMENT, self.Kind.SURVEY, self.Kind.NOTICE)

    @property
    def is_waiting(self) -> bool:
        return self.state in self.WAITING

    @property
    def has_failed(self) -> bool:
        return self.state in (self.State.FAILED, self.State.BOUNCED)


class SentMail(models.Model):
    """A mail that a trial installation stored instead of sending it."""

    at = models.DateTimeField(_("at"), db_default=models.functions.Now())
    sender = models.CharField(_("from"), max_length=320)
    recipients = models.JSONField(_("to"), default=list)
    subject = models.CharField(_("subject"), max_length=500)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True)
    raw = models.BinaryField()

    class Meta:
        verbose_name = _("sent mail (kept here)")
        verbose_name_plural = _("sent mails (kept here)")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.subject

"""The ledger: one row for each received item, whatever its outcome, and its raw bytes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.models.channels.channel import Channel
from tickets.models.channels.company_mailboxes import load_mailboxes
from tickets.models.queue import Queue


class InboundQuerySet(models.QuerySet["Inbound"]):
    def due(self, now: datetime) -> InboundQuerySet:
        """Return rows that are still to be processed at `now`, the most overdue first."""
        return self.filter(
            state__in=(Inbound.State.STORED, Inbound.State.FAILED), next_attempt_at__lte=now
        ).order_by("next_attempt_at", "id")

    def needing_attention(self) -> InboundQuerySet:
        """Return rows that were quarantined or keep failing, and that no person has handled yet."""
        return self.filter(state__in=(Inbound.State.QUARANTINED, Inbound.State.FAILED), handled_at=None)

    def visible_to(self, actor: Actor) -> InboundQuerySet:
        """Return what a supervisor's queues received; everything for an administrator."""
        if actor.is_administrator:
            return self
        return self.filter(channel__queue__in=Queue.objects.supervised_by(actor))


class Inbound(models.Model):
    """One received item. It ends as attached, opened, pending, kept, ignored or quarantined.

    A failed one is retried.
    """

    class State(models.TextChoices):
        STORED = "stored", _("received, not yet processed")
        ATTACHED = "attached", _("joined a ticket")
        OPENED = "opened", _("opened a ticket")
        PENDING = "pending", _("held for an agent's approval")
        KEPT = "kept", _("kept: an automatic message")
        IGNORED = "ignored", _("ignored by a rule")
        QUARANTINED = "quarantined", _("in quarantine")
        FAILED = "failed", _("failed, will be tried again")

    channel = models.ForeignKey(
        "tickets.Channel", models.PROTECT, verbose_name=_("channel"), related_name="inbounds", db_index=False
    )
    source_key = models.CharField(_("key of the source"), max_length=200)
    body_digest = models.CharField(_("fingerprint of the content"), max_length=64)
    kind = models.CharField(_("kind"), max_length=20, default="message")
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.STORED)
    why = models.CharField(_("why"), max_length=400, blank=True)
    rule = models.CharField(_("rule"), max_length=40, blank=True)
    envelope = models.JSONField(_("envelope"), default=dict, blank=True)
    size = models.PositiveIntegerField(_("size in bytes"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"))
    processed_at = models.DateTimeField(_("processed"), null=True, blank=True)
    handled_at = models.DateTimeField(_("dealt with"), null=True, blank=True)
    also_via = models.JSONField(_("also came by"), default=list, blank=True)
    ticket = models.ForeignKey(
        "tickets.Ticket",
        models.SET_NULL,
        verbose_name=_("ticket"),
        null=True,
        blank=True,
        related_name="inbounds",
    )

    objects = InboundQuerySet.as_manager()

    if TYPE_CHECKING:
        raw: InboundRaw

    class Meta:
        verbose_name = _("received item")
        verbose_name_plural = _("received items")
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "source_key", "body_digest"], name="received_once")
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(state__in=("stored", "failed")), name="inbound_due"
            ),
            models.Index(
                fields=["-received_at"],
                condition=Q(state__in=("quarantined", "failed")),
                name="inbound_for_people",
            ),
            models.Index(fields=["channel", "-received_at"], name="inbound_by_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.channel.slug} {self.source_key[:40]}"

    @property
    def counts_from(self) -> datetime:
        """When its time begins: at its receipt, or when an agent made a ticket of a kept message."""
        chosen = self.envelope.get("chosen_at")
        return datetime.fromisoformat(chosen) if chosen else self.received_at

    @property
    def is_chosen(self) -> bool:
        """Whether an agent made a ticket of it; it is then processed as an ordinary message."""
        return "chosen_at" in self.envelope

    @cached_property
    def mailboxes(self) -> list[Channel]:
        """Every mailbox of the installation, loaded once while the row is processed."""
        return load_mailboxes()

    @cached_property
    def own_mailboxes(self) -> list[str]:
        """The addresses of our active mailboxes in lower case; intake loads them with the row."""
        return [mailbox.address.lower() for mailbox in self.mailboxes if mailbox.is_active]


class InboundRaw(models.Model):
    """The raw bytes of a received item, exactly as they arrived."""

    inbound = models.OneToOneField(Inbound, models.CASCADE, primary_key=True, related_name="raw")
    data = models.BinaryField()

    class Meta:
        verbose_name = _("raw input")
        verbose_name_plural = _("raw inputs")

    def __str__(self) -> str:
        return f"raw of {self.inbound_id}"

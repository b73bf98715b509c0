"""The append-only event log: everything that happens to a ticket, without the text of messages."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One event. Only tickets.events writes it; a trigger of the database refuses changes."""

    ticket = models.ForeignKey(
        "tickets.Ticket",
        models.DO_NOTHING,
        verbose_name=_("ticket"),
        null=True,
        blank=True,
        related_name="events",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=40)
    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(_("recorded"), db_default=models.functions.Now())
    actor_kind = models.CharField(_("by"), max_length=8)
    actor_id = models.CharField(_("their number"), max_length=40, blank=True)
    contact_id = models.BigIntegerField(_("contact"), null=True, blank=True)
    queue_id = models.BigIntegerField(_("queue"), null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    cause = models.CharField(_("cause"), max_length=40, blank=True)
    data = models.JSONField(_("details"), default=dict)
    is_audit = models.BooleanField(_("kept for audits"), default=False)
    source_key = models.CharField(_("key of the source"), max_length=120, null=True, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source_key"], condition=~Q(source_key=None), name="event_source_once"
            )
        ]
        indexes = [
            models.Index(fields=["ticket", "id"], name="event_by_ticket"),
            BrinIndex(fields=["at"], name="event_at", pages_per_range=32),
            models.Index(fields=["id"], condition=Q(is_audit=True), name="event_audit"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} @ {self.at:%Y-%m-%d %H:%M:%S}"


class AuditSeal(models.Model):
    """One link of the hash chain over audit events; it covers those from `first_id` to `last_id`."""

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.first_id}–{self.last_id}"

"""Decisions: who was given what, by whom or what, and every reason, kept as data."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from routing.models.workitem import WorkItem
from tickets.actor import Actor
from tickets.models import Ticket


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, actor: Actor) -> DecisionQuerySet:
        """Decisions about tickets the actor may see."""
        return self.filter(item__ticket__in=Ticket.objects.visible_to(actor))


class Decision(models.Model):
    """One answer to "who takes it?". `data` is the engine's account; by hand it holds the reason given.

    The database keeps `data` beside the row and uncompressed: compressing cost more than all else of a write.
    """

    class How(models.TextChoices):
        ENGINE = "engine", _("chosen by routing")
        TAKEN = "taken", _("self-assigned")
        ASSIGNED = "assigned", _("assigned by a person")
        HANDED_OVER = "handed_over", _("handed over")
        KEPT = "kept", _("stays with the same agent")
        RELEASED = "released", _("unassigned")
        RETURNED = "returned", _("taken back by routing")
        REFUSED = "refused", _("refused")

    item = models.ForeignKey(
        WorkItem, models.CASCADE, verbose_name=_("work item"), related_name="decisions", db_index=False
    )
    how = models.CharField(_("how"), max_length=11, choices=How)
    agent = models.ForeignKey(
        "routing.Agent",
        models.SET_NULL,
        verbose_name=_("agent"),
        null=True,
        blank=True,
        related_name="decisions",
        db_index=False,
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    at = models.DateTimeField(_("at"))
    policy_version = models.PositiveIntegerField(_("version of the rules"), default=0)
    policy_hash = models.CharField(_("fingerprint of the rules"), max_length=12, blank=True)
    effort_seconds = models.PositiveIntegerField(_("expected effort in seconds"), default=0)
    wish_id = models.BigIntegerField(_("wish"), null=True, blank=True)
    data = models.JSONField(_("details"), default=dict, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["wish_id"], condition=~Q(wish_id=None), name="a_wish_is_answered_once"
            )
        ]
        indexes = [
            models.Index(fields=["item", "-id"], name="decision_by_item"),
            models.Index(fields=["agent", "at"], name="decision_by_agent"),
            models.Index(fields=["by"], condition=~Q(by=None), name="decision_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.item} → {self.agent or '–'} ({self.get_how_display()})"

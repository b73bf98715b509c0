"""Alerts: what routing cannot settle alone and a supervisor should look at."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.models import Queue


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, actor: Actor) -> AlertQuerySet:
        """Alerts of the queues the actor supervises."""
        return self.filter(queue__in=Queue.objects.supervised_by(actor))

    def standing(self) -> AlertQuerySet:
        return self.filter(settled_at=None)


class Alert(models.Model):
    """One thing that stands until it has gone or somebody says it is seen to."""

    class Kind(models.TextChoices):
        MISSED = "missed", _("offered several times, not accepted")
        NOBODY = "nobody", _("urgent, and nobody is at work")
        SURGE = "surge", _("demand exceeds capacity")

    kind = models.CharField(_("what"), max_length=6, choices=Kind)
    queue = models.ForeignKey("tickets.Queue", models.CASCADE, related_name="+")
    item = models.ForeignKey("routing.WorkItem", models.CASCADE, null=True, blank=True, related_name="alerts")
    at = models.DateTimeField(_("at"))
    settled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "queue", "item"],
                condition=Q(settled_at=None),
                nulls_distinct=False,
                name="one_standing_alert",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.queue}"

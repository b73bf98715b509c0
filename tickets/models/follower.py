"""Agents who follow a ticket that is assigned to somebody else."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from tickets.models.queue import QueueMembership


class FollowerQuerySet(models.QuerySet["Follower"]):
    def with_access(self, now: datetime) -> FollowerQuerySet:
        """Return followers who still work in their ticket's queue: following does not give access."""
        members = QueueMembership.objects.live(now).filter(
            user=OuterRef("user"), queue=OuterRef("ticket__queue")
        )
        return self.filter(Exists(members), user__is_active=True)


class Follower(models.Model):
    """An agent who gets the customer's messages on a ticket by mail, whoever is its assignee."""

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="followers", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="followed")
    since = models.DateTimeField(_("since"))

    objects = FollowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="follower_once_per_ticket")]

    def __str__(self) -> str:
        return f"{self.user_id} · #{self.ticket_id}"

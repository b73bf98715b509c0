"""The customer's own choice: wait for the person they know, or be helped by somebody else now."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor


class WaitChoiceQuerySet(models.QuerySet["WaitChoice"]):
    def visible_to(self, actor: Actor) -> WaitChoiceQuerySet:
        """A customer's or visitor's own questions; with a link, those of that one ticket."""
        if not actor.is_customer or (actor.ticket_id is None and not actor.id):
            return self.none()
        if actor.ticket_id is not None:
            return self.filter(item__ticket_id=actor.ticket_id)
        return self.filter(item__ticket__customer_id=actor.id)

    def standing(self, now: datetime) -> WaitChoiceQuerySet:
        """Questions that can still be answered."""
        return self.filter(answer="", until__gt=now).exclude(item__state="closed")


class WaitChoice(models.Model):
    """One question: `agent` is back at `until`; `other` could help now. No answer means now."""

    class Answer(models.TextChoices):
        NONE = "", _("not answered")
        WAIT = "wait", _("waits")
        NOW = "now", _("now")

    item = models.ForeignKey("routing.WorkItem", models.CASCADE, related_name="wait_choices")
    agent = models.ForeignKey("routing.Agent", models.CASCADE, related_name="+")
    until = models.DateTimeField(_("there by"))
    asked_at = models.DateTimeField(_("asked"))
    answer = models.CharField(_("answer"), max_length=4, choices=Answer, default=Answer.NONE, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = WaitChoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("choice between waiting and now")
        verbose_name_plural = _("choices between waiting and now")
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=Q(answer=""), name="one_open_choice_an_item")
        ]

    def __str__(self) -> str:
        return f"{self.item} · {self.agent} ({self.get_answer_display()})"

"""Offers: live work that a person is asked to take, for a few seconds."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from routing.models.workitem import WorkItem
from tickets.actor import Actor


class OfferQuerySet(models.QuerySet["Offer"]):
    def visible_to(self, actor: Actor) -> OfferQuerySet:
        """A person's own offers."""
        return self.none() if actor.user_id is None else self.filter(agent__user_id=actor.user_id)

    def standing(self) -> OfferQuerySet:
        return self.filter(state=Offer.State.OFFERED)


class Offer(models.Model):
    """One asking of one person; `answered_at` also says when an offer ran out or was taken back."""

    class State(models.TextChoices):
        OFFERED = "offered", _("offered")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        EXPIRED = "expired", _("not answered")
        RETURNED = "returned", _("taken back")

    class Reason(models.TextChoices):
        """Why somebody says no; a no without a reason helps nobody."""

        BREAK = "break", _("I need a break")
        BUSY = "busy", _("I am in the middle of something")
        SKILL = "skill", _("I do not know this well enough")
        OTHER = "other", _("another reason")

    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="offers", db_index=False)
    agent = models.ForeignKey("routing.Agent", models.CASCADE, related_name="offers")
    decision = models.ForeignKey("routing.Decision", models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OFFERED)
    reason = models.CharField(_("reason"), max_length=8, choices=Reason, blank=True)
    offered_at = models.DateTimeField(_("offered"))
    expires_at = models.DateTimeField(_("stands until"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["-offered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(state__in=("offered", "accepted")), name="one_offer_an_item"
            ),
            models.UniqueConstraint(
                fields=["agent"], condition=Q(state="offered"), name="one_offer_an_agent"
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="offered"), name="offer_standing"),
            models.Index(fields=["item", "answered_at"], name="offer_by_item"),
            models.Index(fields=["answered_at"], condition=Q(state="accepted"), name="offer_accepted"),
        ]

    def __str__(self) -> str:
        return f"{self.item} → {self.agent} ({self.state})"

"""Trials: "what if" questions about some days, worked on in the background, and their answers."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.models import Queue


class TrialQuerySet(models.QuerySet["Trial"]):
    def visible_to(self, actor: Actor) -> TrialQuerySet:
        """Trials about queues that the actor supervises, all of them."""
        if actor.is_administrator:
            return self
        supervised = list(Queue.objects.supervised_by(actor).values_list("pk", flat=True))
        return self.filter(queues__contained_by=supervised) if supervised else self.none()

    def unfinished(self) -> TrialQuerySet:
        return self.filter(state__in=(Trial.State.WAITING, Trial.State.RUNNING))


class Trial(models.Model):
    """One question, its progress and its answer. One runs at a time in the whole company.

    `question` says what is compared, `runs` holds the numbers of each day lived so far, so that a trial goes
    on where its process ended; `result` is the table and what was assumed. A running trial says it is alive
    by `leased_until`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("queued")
        RUNNING = "running", _("runs")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        STOPPED = "stopped", _("stopped")

    class Kind(models.TextChoices):
        RECORDED = "recorded", _("the recorded days again")
        BUSY = "busy", _("a busy day like this company’s")

    kind = models.CharField(_("days"), max_length=8, choices=Kind, default=Kind.RECORDED)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    queues = ArrayField(models.BigIntegerField(), verbose_name=_("queues"))
    question = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    runs = models.JSONField(default=list)
    runs_wanted = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(default=dict)
    problem = models.CharField(max_length=20, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"))
    started_at = models.DateTimeField(_("begun"), null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = TrialQuerySet.as_manager()

    class Meta:
        verbose_name = _("what-if trial")
        verbose_name_plural = _("what-if trials")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="one_trial_runs"),
            models.CheckConstraint(
                condition=Q(first_day__lte=models.F("last_day")), name="trial_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day} – {self.last_day} ({self.state})"

    @property
    def is_unfinished(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def percent(self) -> int:
        """How much of what was asked is lived through, 0 to 100."""
        return min(100, round(100 * len(self.runs) / self.runs_wanted)) if self.runs_wanted else 0

"""More waits than the people of a queue can take: when to ask for help, who was asked, who helps."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor


class SurgePlan(models.Model):
    """When a queue asks for help, and within what limits. Two thresholds keep it from flickering.

    It begins when the expected wait has been over `from_minutes` for a minute, and ends when it has been
    below `until_minutes` for five. `over_since` and `below_since` remember since when.
    """

    queue = models.OneToOneField(
        "tickets.Queue", models.CASCADE, verbose_name=_("queue"), related_name="surge_plan"
    )
    is_active = models.BooleanField(_("asks for help"), default=True)
    from_minutes = models.PositiveSmallIntegerField(
        _("from an expected wait of (minutes)"), default=60, validators=[MinValueValidator(1)]
    )
    until_minutes = models.PositiveSmallIntegerField(_("until it is below (minutes)"), default=30)
    duty_minutes = models.PositiveSmallIntegerField(
        _("somebody helps at most (minutes)"), default=120, validators=[MinValueValidator(10)]
    )
    answer_minutes = models.PositiveSmallIntegerField(
        _("time to answer a request for help (minutes)"), default=10, validators=[MinValueValidator(1)]
    )
    asked_at_once = models.PositiveSmallIntegerField(
        _("people asked at a time"), default=3, validators=[MinValueValidator(1)]
    )
    buddy_replies = models.PositiveSmallIntegerField(
        _("first replies reviewed by a buddy"), default=2, help_text=_("0: none.")
    )
    hides_personal_data = models.BooleanField(
        _("helpers see no addresses and numbers of customers"), default=True
    )
    over_since = models.DateTimeField(null=True, blank=True, editable=False)
    below_since = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("surge plan")
        verbose_name_plural = _("surge plans")
        constraints = [
            models.CheckConstraint(
                condition=Q(until_minutes__lt=models.F("from_minutes")),
                name="surge_ends_below_its_start",
                violation_error_message=_("It must end at a shorter wait than it begins at."),
            )
        ]

    def __str__(self) -> str:
        return str(self.queue)


class Surge(models.Model):
    """One time in which a queue asked for help."""

    queue = models.ForeignKey("tickets.Queue", models.CASCADE, related_name="surges")
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    wait_seconds = models.PositiveIntegerField(_("expected wait in seconds"))

    class Meta:
        verbose_name = _("surge")
        verbose_name_plural = _("surges")
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(fields=["queue"], condition=Q(ended_at=None), name="one_surge_a_queue")
        ]

    def __str__(self) -> str:
        return f"{self.queue} · {self.began_at:%Y-%m-%d %H:%M}"


class SurgeAskQuerySet(models.QuerySet["SurgeAsk"]):
    def visible_to(self, actor: Actor) -> SurgeAskQuerySet:
        """What a person was asked themselves."""
        return self.none() if actor.user_id is None else self.filter(agent__user_id=actor.user_id)

    def standing(self, now: datetime) -> SurgeAskQuerySet:
        """Questions that can still be answered."""
        return self.filter(answer="", expires_at__gt=now, surge__ended_at=None)

    def on_duty(self) -> SurgeAskQuerySet:
        """People who said yes and still help."""
        return self.filter(answer=SurgeAsk.Answer.YES, released_at=None)


class SurgeAsk(models.Model):
    """One person asked once to help; a yes lends them to the queue until `duty_until` at the latest."""

    class Answer(models.TextChoices):
        NONE = "", _("not answered")
        YES = "yes", _("helps")
        NO = "no", _("not today")

    surge = models.ForeignKey(Surge, models.CASCADE, related_name="asks")
    agent = models.ForeignKey("routing.Agent", models.CASCADE, related_name="surge_asks")
    buddy = models.ForeignKey("routing.Agent", models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("stands until"))
    answer = models.CharField(_("answer"), max_length=3, choices=Answer, default=Answer.NONE, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    duty_until = models.DateTimeField(_("helps until"), null=True, blank=True)
    released_at = models.DateTimeField(_("let go"), null=True, blank=True)

    objects = SurgeAskQuerySet.as_manager()

    class Meta:
        verbose_name = _("question for help")
        verbose_name_plural = _("questions for help")
        ordering = ["-asked_at"]
        constraints = [models.UniqueConstraint(fields=["surge", "agent"], name="asked_once_a_surge")]

    def __str__(self) -> str:
        return f"{self.agent} · {self.surge} ({self.get_answer_display()})"


class OnCall(models.Model):
    """Who is rung when something urgent comes and nobody is at work."""

    queue = models.ForeignKey(
        "tickets.Queue", models.CASCADE, verbose_name=_("queue"), related_name="on_call"
    )
    agent = models.ForeignKey(
        "routing.Agent", models.CASCADE, verbose_name=_("agent"), related_name="on_call"
    )
    during = DateTimeRangeField(_("from and until"))

    class Meta:
        verbose_name = _("on-call duty")
        verbose_name_plural = _("on-call duties")
        ordering = ["during"]
        constraints = [
            ExclusionConstraint(
                name="one_person_on_call",
                expressions=[("queue", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                violation_error_message=_("Somebody is on call for this queue at that time already."),
            ),
            models.CheckConstraint(condition=Q(during__isempty=False), name="on_call_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} · {self.queue} · {self.during.lower:%Y-%m-%d}"

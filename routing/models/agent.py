"""Agents: what routing knows about a person who answers."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.models import Queue, QueueMembership
from tickets.models.fields import Language


def check_time_zone(name: str) -> None:
    """Refuse a name that is not in the IANA data base."""
    if name not in available_timezones():
        raise ValidationError(_("There is no time zone of this name. An example: Europe/Paris."))


class AgentQuerySet(models.QuerySet["Agent"]):
    def active(self) -> AgentQuerySet:
        """Agents who may be given work: neither the agent nor the account is switched off."""
        return self.filter(is_active=True, user__is_active=True)

    def in_queue(self, queue_id: int) -> AgentQuerySet:
        """Agents with a live membership of a queue, as agent or supervisor."""
        return self.filter(
            Q(user__memberships__until=None) | Q(user__memberships__until__gt=models.functions.Now()),
            user__memberships__queue_id=queue_id,
        )

    def beside(self, actor: Actor, queue_id: int) -> AgentQuerySet:
        """Agents whom the actor may name about work of a queue: those of it, and of the actor's own queues.

        Anybody else is nobody to them, as somebody who does not exist is; an administrator knows everybody.
        """
        if actor.is_administrator:
            return self
        queues = actor.queues
        if queues is None:
            queues = tuple(Queue.objects.visible_to(actor).values_list("pk", flat=True))
        near = QueueMembership.objects.live().filter(queue__in=(*queues, queue_id)).values("user")
        return self.filter(Q(user__in=near) | Q(user=actor.user_id))


class Agent(models.Model):
    """A person who answers customers, one-to-one with the account."""

    class WorksFrom(models.TextChoices):
        HOME = "home", _("at home")
        OFFICE = "office", _("in the office")

    class Schedule(models.TextChoices):
        FREE = "free", _("whenever signed in")
        PLANNED = "planned", _("by planned shifts")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), related_name="agent"
    )
    works_from = models.CharField(
        _("place of work"), max_length=6, choices=WorksFrom, default=WorksFrom.OFFICE
    )
    region = models.CharField(
        _("region"), max_length=40, blank=True, help_text=_("Where work that may not leave a region can go.")
    )
    time_zone = models.CharField(
        _("time zone"), max_length=40, default="Europe/Paris", validators=[check_time_zone]
    )
    languages = ArrayField(
        models.CharField(max_length=2, choices=Language),
        verbose_name=_("languages"),
        default=list,
        blank=True,
    )
    clearances = ArrayField(
        models.CharField(max_length=40), verbose_name=_("clearances"), default=list, blank=True
    )
    schedule = models.CharField(_("works when"), max_length=7, choices=Schedule, default=Schedule.FREE)
    stays_late = models.BooleanField(
        _("takes calls and chats until the last minute"),
        default=False,
        help_text=_("Otherwise none begins that would usually last longer than the shift."),
    )
    chat_limit = models.PositiveSmallIntegerField(
        _("chats at a time"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(3)],
    )
    places = models.PositiveSmallIntegerField(
        _("ticket capacity"), default=5, help_text=_("How many open tickets this person can hold at most.")
    )
    is_active = models.BooleanField(_("is given work"), default=True)
    helps_out = models.BooleanField(
        _("may be asked to help out"),
        default=False,
        db_default=False,
        help_text=_("In other queues when many wait there; the person is asked each time."),
    )
    helps_a_week = models.PositiveSmallIntegerField(
        _("helps out at most so often a week"), default=2, db_default=2
    )
    calendar_digest = models.CharField(max_length=64, blank=True, db_default="", editable=False)

    objects = AgentQuerySet.as_manager()

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        constraints = [
            models.CheckConstraint(condition=Q(chat_limit__range=(1, 3)), name="agent_one_to_three_chats")
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone whose wall clock the person lives by."""
        return ZoneInfo(self.time_zone)

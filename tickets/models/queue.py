"""Queues, and the memberships of their agents and supervisors."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.models.fields import Bilingual


class QueueQuerySet(models.QuerySet["Queue"]):
    def active(self) -> QueueQuerySet:
        return self.filter(is_active=True)

    def visible_to(self, actor: Actor) -> QueueQuerySet:
        """Return the queues in which the actor works; all of them for an administrator."""
        if actor.is_administrator:
            return self
        if not actor.is_user:
            return self.none()
        return self.filter(pk__in=QueueMembership.objects.live().filter(user_id=actor.id).values("queue_id"))

    def supervised_by(self, actor: Actor) -> QueueQuerySet:
        """Return the queues that the actor supervises; all of them for an administrator."""
        if actor.is_administrator:
            return self
        if not actor.is_user:
            return self.none()
        memberships = QueueMembership.objects.live().filter(
            user_id=actor.id, role=QueueMembership.Role.SUPERVISOR
        )
        return self.filter(pk__in=memberships.values("queue_id"))


class Queue(Bilingual):
    """A line of work with its own people, hours and targets."""

    slug = models.SlugField(_("short name"), unique=True)
    calendar = models.ForeignKey(
        "tickets.Calendar", models.PROTECT, null=True, blank=True, verbose_name=_("business hours")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    adds_copies = models.BooleanField(
        _("people in copy take part"),
        default=False,
        help_text=_(
            "Whom a customer puts in copy of a mail gets our answers and may answer, without a click of an "
            "agent."
        ),
    )

    objects = QueueQuerySet.as_manager()

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        ordering = ["position", "id"]


class QueueMembershipQuerySet(models.QuerySet["QueueMembership"]):
    def live(self, now: datetime | None = None) -> QueueMembershipQuerySet:
        """Return memberships that have not ended at `now` (default: the database's clock)."""
        return self.filter(Q(until=None) | Q(until__gt=now or models.functions.Now()))


class QueueMembership(models.Model):
    """A person's role in a queue; it ends at `until`, if that is set."""

    class Role(models.TextChoices):
        AGENT = "agent", _("agent")
        SUPERVISOR = "supervisor", _("supervisor")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), related_name="memberships"
    )
    queue = models.ForeignKey(Queue, models.CASCADE, verbose_name=_("queue"), related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.AGENT)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    wants_mail = models.BooleanField(
        _("gets mail"),
        default=False,
        help_text=_(
            "What customers write on this person's tickets also comes by email, and can be answered there."
        ),
    )
    hides_personal_data = models.BooleanField(
        _("sees no addresses and numbers"), default=False, db_default=False
    )

    objects = QueueMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("queue membership")
        verbose_name_plural = _("queue memberships")
        constraints = [models.UniqueConstraint(fields=["user", "queue"], name="one_role_per_queue")]

    def __str__(self) -> str:
        return f"{self.user} · {self.queue} · {self.get_role_display()}"

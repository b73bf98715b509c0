"""Relationships: which agents a customer has had to do with, how often and when last."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.states import State


class Relationship(models.Model):
    """An agent and a customer: in how many tickets they met, first and last when, and how it ended.

    All of that is derived from the log. `role` is set by people: who looks after this customer, and who
    stands in while that person is not there.
    """

    class Role(models.TextChoices):
        NONE = "", _("knows the customer")
        OWNER = "owner", _("account owner")
        BACKUP = "backup", _("deputy")

    agent = models.ForeignKey(
        "routing.Agent", models.CASCADE, verbose_name=_("agent"), related_name="relationships"
    )
    customer = models.ForeignKey(
        "tickets.Customer", models.CASCADE, verbose_name=_("customer"), related_name="relationships"
    )
    role = models.CharField(
        _("role"), max_length=6, choices=Role, default=Role.NONE, blank=True, db_default=""
    )
    times = models.PositiveIntegerField(_("tickets answered"), default=0)
    first_at = models.DateTimeField(_("first"), null=True, blank=True)
    last_at = models.DateTimeField(_("last"), null=True, blank=True)
    last_outcome = models.CharField(
        _("how the last one ended"), max_length=8, choices=State, blank=True, db_default=""
    )

    class Meta:
        verbose_name = _("relationship")
        verbose_name_plural = _("relationships")
        constraints = [
            models.UniqueConstraint(fields=["customer", "agent"], name="relationship_once"),
            models.UniqueConstraint(
                fields=["customer", "role"], condition=~Q(role=""), name="one_owner_and_one_backup"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent} · {self.customer} · {self.times}"


class RelationshipMark(models.Model):
    """How far the log has been read into relationships (one row)."""

    read_until = models.DateTimeField()

    class Meta:
        verbose_name = _("relationship mark")
        verbose_name_plural = _("relationship marks")

    def __str__(self) -> str:
        return f"{self.read_until:%Y-%m-%d %H:%M}"

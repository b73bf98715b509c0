"""Relationships: which agents a customer has had to do with, how often and when last."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Relationship(models.Model):
    """An agent answered a customer: in how many tickets, first and last when. Derived from the log."""

    agent = models.ForeignKey("routing.Agent", models.CASCADE, related_name="relationships")
    customer = models.ForeignKey("tickets.Customer", models.CASCADE, related_name="relationships")
    times = models.PositiveIntegerField(_("tickets answered"))
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))

    class Meta:
        verbose_name = _("relationship")
        verbose_name_plural = _("relationships")
        constraints = [models.UniqueConstraint(fields=["customer", "agent"], name="relationship_once")]

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

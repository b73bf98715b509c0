"""Policies: versions of the engine's parameters, one of them in force."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from routing import engine
from tickets import events
from tickets.actor import Actor


class Policy(models.Model):
    """A version of the parameters; what is not named keeps its default. Never changed, only superseded."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    parameters = models.JSONField(
        _("parameters"), default=dict, blank=True, help_text=_("What differs from the defaults, as JSON.")
    )
    note = models.CharField(_("what changes and why"), max_length=300, blank=True)
    is_active = models.BooleanField(_("active"), default=False)
    in_force_at = models.DateTimeField(_("last activated"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("made"), db_default=models.functions.Now(), editable=False)

    class Meta:
        verbose_name = _("routing policy")
        verbose_name_plural = _("routing policies")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="one_policy_in_force"
            )
        ]

    def __str__(self) -> str:
        return str(_("policy %(version)s")) % {"version": self.version}

    def clean(self) -> None:
        """Refuse parameters that the engine does not know, by name."""
        try:
            self.as_value()
        except ValueError as error:
            raise ValidationError({"parameters": str(error)}) from error

    def as_value(self) -> engine.Policy:
        """Return what the engine takes. Raises ValueError naming a wrong parameter."""
        return engine.Policy.of(self.version, self.parameters)

    def put_in_force(self, *, by: Actor, now: datetime) -> bool:
        """Let routing decide by this version from now on; return whether it did not already."""
        if self.is_active:
            return False
        with transaction.atomic():
            Policy.objects.filter(is_active=True).update(is_active=False)
            self.is_active, self.in_force_at = True, now
            self.save(update_fields=["is_active", "in_force_at"])
            data = {"model": self._meta.label, "id": str(self.pk), "fields": ["is_active"]}
            events.record("config.changed", by=by, at=now, data=data)
        return True

    @classmethod
    def before(cls) -> Policy | None:
        """Return the version that was in force before this one: where one click back leads."""
        earlier = cls.objects.filter(is_active=False, in_force_at__isnull=False)
        return earlier.order_by("-in_force_at", "-version").first()

    @classmethod
    def in_force(cls) -> engine.Policy:
        """Return the active policy; version 0, all defaults, where none was made."""
        row = cls.objects.filter(is_active=True).first()
        return row.as_value() if row else DEFAULTS

    @classmethod
    def remembered(cls, written: str | None) -> engine.Policy:
        """Return the active policy, read again only when its row, as `WRITTEN` tells it, is another."""
        if written is None:
            return DEFAULTS
        if written not in _remembered:
            _remembered.clear()
            _remembered[written] = cls.in_force()
        return _remembered[written]


WRITTEN = "SELECT id || ' ' || xmin FROM routing_policy WHERE is_active"
DEFAULTS = engine.Policy(version=0)
_remembered: dict[str, engine.Policy] = {}

"""Recordings: all that one pass of the router decided on, kept so that any decision can be played again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Recording(models.Model):
    """The engine's input at one moment in one shard: items, agents and parameters, packed in `body`.

    Decisions of that pass have the same `at`. It holds ids, levels and times, nothing that was said.
    """

    at = models.DateTimeField(_("at"))
    shard = models.BigIntegerField()
    policy_version = models.PositiveIntegerField()
    policy_hash = models.CharField(max_length=12)
    body = models.BinaryField()

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["at", "shard"], name="one_recording_a_shard")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"

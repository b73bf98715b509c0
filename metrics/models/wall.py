"""The wallboard's present data: one row, renewed every two seconds and shared by all readers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WallSnapshot(models.Model):
    """All queues at one moment, and how many waited in the minutes before."""

    at = models.DateTimeField(_("at"))
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("picture of the wall")
        verbose_name_plural = _("picture of the wall")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="wall_is_one_row")]

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S}"

"""How long a queue's customers waited lately: counted by a sweep, read by every estimate."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class QueueWait(models.Model):
    """The waits of a queue's latest answers, live ones apart: their number, median and 80th percentile."""

    queue = models.ForeignKey("tickets.Queue", models.CASCADE, related_name="waits")
    is_live = models.BooleanField()
    answers = models.PositiveSmallIntegerField(_("answers"))
    half_seconds = models.FloatField(null=True)
    most_seconds = models.FloatField(null=True)
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("waits of a queue")
        verbose_name_plural = _("waits of queues")
        constraints = [models.UniqueConstraint(fields=["queue", "is_live"], name="waits_once_per_queue")]

    def __str__(self) -> str:
        return str(self.queue)

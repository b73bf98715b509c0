"""Rate limits live in PostgreSQL, so that they hold over all processes and restarts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RateBucket(models.Model):
    """How often something was done in one window of time."""

    key = models.CharField(max_length=120)
    window = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("rate bucket")
        verbose_name_plural = _("rate buckets")
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="one_rate_bucket")]
        indexes = [models.Index(fields=["window"], name="rate_bucket_age")]

    def __str__(self) -> str:
        return self.key

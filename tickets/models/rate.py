"""The counters of rate limits. In PostgreSQL they hold for all processes and survive restarts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RateBucket(models.Model):
    """How often something was done in the window of time that begins at `window`."""

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

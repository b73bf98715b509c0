"""The stored answers of the API to requests with an idempotency key, to be repeated for copies."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_KEY = 255


class ApiAnswer(models.Model):
    """The answer to one request, written in the transaction of the request's own changes.

    The row is inserted before the work, without a status: copies of the request wait on its unique key.
    """

    KEPT = timedelta(hours=48)

    api_key = models.ForeignKey(
        "tickets.ApiKey", models.CASCADE, related_name="answers", verbose_name=_("API key"), db_index=False
    )
    idempotency_key = models.CharField(max_length=LONGEST_KEY)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("API answer")
        verbose_name_plural = _("API answers")
        constraints = [
            models.UniqueConstraint(fields=["api_key", "idempotency_key"], name="one_answer_per_key")
        ]
        indexes = [models.Index(fields=["created_at"], name="api_answer_age")]

    def __str__(self) -> str:
        return f"{self.idempotency_key} → {self.status}"

"""Customers' access links: stored as a digest, revocable."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessLink(models.Model):
    """A link that was sent to a customer. Only the digest of its token is stored.

    Purposes: `request` (/r/<token>/) opens one ticket for one participant; `all` opens all requests in which
    a proved address takes part, works once, and expires after 10 minutes.
    """

    class Purpose(models.TextChoices):
        REQUEST = "request", _("one request")
        ALL = "all", _("all one's requests")

    purpose = models.CharField(max_length=8, choices=Purpose)
    digest = models.CharField(max_length=64, unique=True)
    participant = models.ForeignKey(
        "tickets.Participant", models.CASCADE, null=True, blank=True, related_name="links"
    )
    identity = models.ForeignKey(
        "tickets.Identity", models.CASCADE, null=True, blank=True, related_name="links"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("customer link")
        verbose_name_plural = _("customer links")

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"

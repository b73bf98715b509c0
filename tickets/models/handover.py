"""Handovers: what the next agent must know, so that the customer need not repeat it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Handover(models.Model):
    """One handover of a ticket to a colleague or to a queue, with a summary."""

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="handovers")
    from_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    to_queue = models.ForeignKey("tickets.Queue", models.PROTECT, null=True, blank=True, related_name="+")
    summary = models.TextField(_("what the next person should know"), blank=True)
    is_warm = models.BooleanField(_("spoken with the next person first"), default=False)
    at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        ordering = ["at"]

    def __str__(self) -> str:
        return f"#{self.ticket_id} {self.at:%Y-%m-%d %H:%M}"

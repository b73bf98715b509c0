"""Drafts: what an agent is writing, stored on the server."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Draft(models.Model):
    """One unfinished reply or note of one person in one ticket."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("reply")
        NOTE = "note", _("note")

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.REPLY)
    text = models.TextField(blank=True)
    seen_seq = models.PositiveIntegerField(default=0, help_text=_("The last message the writer had seen."))
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [models.UniqueConstraint(fields=["ticket", "user", "kind"], name="one_draft_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.user} · #{self.ticket_id}"

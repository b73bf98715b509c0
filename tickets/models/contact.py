"""Contacts: one time a customer contacts the company."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Contact(models.Model):
    """A call, a chat session, or everything a customer sends by mail or form until a person answers."""

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="contacts")
    customer = models.ForeignKey("tickets.Customer", models.PROTECT, related_name="contacts", db_index=False)
    channel_slug = models.CharField(max_length=20)
    is_live = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["started_at", "id"]
        constraints = [
            # Two customers may each have an open contact in one ticket, one customer has at most one there.
            models.UniqueConstraint(
                fields=["ticket", "customer"],
                condition=Q(ended_at=None, is_live=False),
                name="one_open_contact",
            ),
        ]
        indexes = [models.Index(fields=["customer", "started_at"], name="contact_by_customer")]

    def __str__(self) -> str:
        return f"{self.channel_slug} {self.started_at:%Y-%m-%d %H:%M}"

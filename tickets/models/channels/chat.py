"""Chat sessions: one visitor's live conversation. Its token is stored as a digest only."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.models.fields import Language, public_id


class ChatSession(models.Model):
    """A visitor on a page. The first message creates the ticket."""

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    channel = models.ForeignKey("tickets.Channel", models.PROTECT, related_name="chat_sessions")
    token_digest = models.CharField(max_length=64, unique=True)
    origin = models.CharField(max_length=250, blank=True)
    page = models.CharField(_("page"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.ENGLISH)
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("email"), blank=True)
    ticket = models.ForeignKey(
        "tickets.Ticket", models.SET_NULL, null=True, blank=True, related_name="chat_sessions"
    )
    # Set if the visitor came from the page of a request, by a mailed link: the chat belongs to that request.
    participant = models.ForeignKey(
        "tickets.Participant", models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    link = models.ForeignKey(
        "tickets.AccessLink", models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    contact = models.ForeignKey("tickets.Contact", models.SET_NULL, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(_("opened"))
    last_seen_at = models.DateTimeField(_("last seen"))
    seen_seq = models.PositiveIntegerField(default=0)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("chat session")
        verbose_name_plural = _("chat sessions")
        indexes = [
            models.Index(fields=["last_seen_at"], condition=Q(ended_at=None), name="chat_session_open")
        ]

    def __str__(self) -> str:
        return f"chat {self.public_id}"

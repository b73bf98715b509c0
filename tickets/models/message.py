"""Messages with their attachments, and the mail ids that assign later mail to their ticket."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.models.fields import Language, public_id
from tickets.models.functions import PENDING_KIB, SearchVector
from tickets.models.ticket import Ticket

# An SQL condition on the message `m`: a reply that was withdrawn, or stopped before it was sent. The customer
# never saw it, and its row stays for the log. The subquery is a scalar on purpose: for an EXISTS the planner
# may read the whole outbox.
WITHDRAWN = """(m.kind = 'out' AND m.is_held AND (
    SELECT 1 FROM tickets_outbound o WHERE o.message_id = m.id AND o.state <> 'cancelled' LIMIT 1) IS NULL)"""


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, actor: Actor) -> MessageQuerySet:
        """Return messages of tickets the actor may see; customers never see notes, notices or held ones."""
        seen = self.filter(ticket__in=Ticket.objects.visible_to(actor))
        if actor.is_user:
            return seen
        return seen.exclude(kind=Message.Kind.NOTE).filter(is_held=False).without_notices()

    def not_withdrawn(self) -> MessageQuerySet:
        """Leave out replies that were withdrawn or stopped before they were sent (WITHDRAWN in SQL)."""
        outbounds = apps.get_model("tickets.Outbound")._default_manager
        leaving = outbounds.filter(message=OuterRef("pk")).exclude(state="cancelled")
        return self.exclude(~Exists(leaving), kind=Message.Kind.OUTBOUND, is_held=True)

    def without_notices(self) -> MessageQuerySet:
        """Leave out what machines wrote that nobody has to answer: receipts, absences and the like."""
        return self.exclude(facts__has_key="notice")

    def after(self, seq: int) -> MessageQuerySet:
        """Return messages after number `seq` of their ticket, in order: what a client missed."""
        return self.filter(seq__gt=seq).order_by("seq")


class Message(models.Model):
    """One message: from a customer, to a customer, or an internal note."""

    class Kind(models.TextChoices):
        INBOUND = "in", _("from the customer")
        OUTBOUND = "out", _("to the customer")
        NOTE = "note", _("internal note")

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveIntegerField()
    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind)
    channel_slug = models.CharField(max_length=20)
    contact = models.ForeignKey(
        "tickets.Contact", models.SET_NULL, null=True, blank=True, related_name="messages", db_index=False
    )
    author_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="messages"
    )
    author_customer = models.ForeignKey(
        "tickets.Customer", models.PROTECT, null=True, blank=True, related_name="messages"
    )
    from_address = models.CharField(max_length=320, blank=True)
    from_name = models.CharField(max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    reply_text = models.TextField(_("new part"), blank=True)
    html = models.TextField(blank=True)
    html_safe = models.TextField(blank=True)
    sanitiser = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    is_auto = models.BooleanField(_("automatic"), default=False)
    auto_reason = models.CharField(max_length=80, blank=True)
    is_held = models.BooleanField(_("held"), default=False)
    needs_no_action = models.BooleanField(_("needs no action"), default=False)
    thread_layer = models.CharField(_("how it found its ticket"), max_length=40, blank=True)
    mail_id = models.CharField(max_length=500, blank=True)
    client_id = models.UUIDField(null=True, blank=True)
    inbound = models.ForeignKey(
        "tickets.Inbound", models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    facts = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("written"))
    search = models.GeneratedField(
        expression=SearchVector("language", "text"), output_field=SearchVectorField(), db_persist=True
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["ticket_id", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "seq"], name="message_sequence"),
            models.UniqueConstraint(
                fields=["ticket", "client_id"], condition=~Q(client_id=None), name="message_client_id_once"
            ),
        ]
        indexes = [GinIndex(fields=["search"], name="message_search", gin_pending_list_limit=PENDING_KIB)]

    def __str__(self) -> str:
        return f"#{self.ticket_id}/{self.seq}"

    @property
    def is_public(self) -> bool:
        return self.kind != self.Kind.NOTE

    @property
    def folded_text(self) -> str:
        """The whole text, if it has more than the new part (quotes, signature), else an empty text.

        Pages show it folded.
        """
        if not self.reply_text or self.reply_text.strip() == self.text.strip():
            return ""
        return self.text

    @property
    def shown_text(self) -> str:
        """The new part of the text; the whole text if nothing was cut off."""
        return self.reply_text or self.text


class Attachment(models.Model):
    """A file of a message or draft; `key` identifies it in the file store, `name` is only displayed."""

    message = models.ForeignKey(Message, models.CASCADE, null=True, blank=True, related_name="attachments")
    draft = models.ForeignKey(
        "tickets.Draft", models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    name = models.CharField(_("name"), max_length=255)
    content_type = models.CharField(_("type"), max_length=120)
    size = models.BigIntegerField(_("size in bytes"))
    key = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    content_id = models.CharField(max_length=250, blank=True)
    is_inline = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class MailReference(models.Model):
    """A Message-ID and its ticket: one of ours, a provider's alias of ours, or a customer's."""

    class Kind(models.TextChoices):
        OURS = "ours", _("ours")
        ALIAS = "alias", _("the provider's name for ours")
        THEIRS = "theirs", _("the customer's")

    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=6, choices=Kind)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="mail_references")
    message = models.ForeignKey(
        Message, models.CASCADE, null=True, blank=True, related_name="mail_references"
    )
    outbound = models.ForeignKey(
        "tickets.Outbound", models.CASCADE, null=True, blank=True, related_name="mail_references"
    )

    class Meta:
        verbose_name = _("mail reference")
        verbose_name_plural = _("mail references")
        constraints = [
            models.UniqueConstraint(fields=["digest", "kind", "ticket"], name="mail_reference_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} → #{self.ticket_id}"

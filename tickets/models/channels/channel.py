"""Channels: one row for each way in (a mailbox, a chat, a phone provider, the web form)."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.fields import EncryptedTextField, Language


def new_key() -> str:
    """Return a random public key (64 bits); it identifies a channel in a URL and is not secret."""
    return secrets.token_hex(8)


def new_secret() -> str:
    """Return a random secret of 256 bits."""
    return secrets.token_urlsafe(32)


MAILBOX = "email"  # the slug of channels that are mailboxes of the company


class ChannelQuerySet(models.QuerySet["Channel"]):
    def mailboxes(self) -> ChannelQuerySet:
        """Return the channels that are mailboxes. Mail for customers of other channels leaves by one too."""
        return self.filter(slug=MAILBOX)


class Channel(models.Model):
    """One way in: its adapter (`slug`), the queue of its new tickets, and its language."""

    class ReplyTo(models.TextChoices):
        NEEDED = "needed", _("only for senders that cannot be answered")
        ALWAYS = "always", _("always")
        NEVER = "never", _("never")

    slug = models.SlugField(_("kind"), max_length=20, help_text=_("The adapter that speaks for it."))
    name = models.CharField(_("name"), max_length=120)
    key = models.CharField(_("key"), max_length=32, unique=True, default=new_key, editable=False)
    secret = EncryptedTextField(_("secret"), default=new_secret, blank=True)
    previous_secret = EncryptedTextField(
        _("previous secret"), blank=True, help_text=_("Still accepted while the other side is being changed.")
    )
    address = models.EmailField(_("mailbox address"), blank=True)
    queue = models.ForeignKey("tickets.Queue", models.PROTECT, verbose_name=_("queue"))
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.ENGLISH)
    options = models.JSONField(_("options"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    answers_reply_to = models.CharField(
        _("answers go to Reply-To"),
        max_length=6,
        choices=ReplyTo,
        default=ReplyTo.NEEDED,
        help_text=_("When a mail names another address for answers than its sender's."),
    )
    form_senders = models.TextField(
        _("senders that write for others"),
        blank=True,
        help_text=_(
            "One address or domain a line, such as forms@shop.example or shop.example: a contact form, say. "
            "Their mails are from whom Reply-To names."
        ),
    )
    created_at = models.DateTimeField(_("created"), db_default=models.functions.Now(), editable=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["slug", "name"]
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("address"),
                condition=~models.Q(address=""),
                name="one_channel_per_mailbox_address",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.slug})"

    def is_form_sender(self, address: str) -> bool:
        """Tell whether this sender writes for others: its address or its domain is in the list."""
        listed = {line.strip().lower().lstrip("@") for line in self.form_senders.splitlines()}
        address = address.lower()
        return bool(listed & {address, address.rpartition("@")[2]} - {""})

    @property
    def is_mailbox(self) -> bool:
        return self.slug == MAILBOX

"""Notices: automatic messages that belong to no ticket. An agent can make a ticket of one."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.models.channels.inbound import Inbound
from tickets.models.queue import QueueMembership

TEXT = 20_000  # characters kept to be read and searched; the whole stays in the ledger


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, actor: Actor) -> NoticeQuerySet:
        """Return notices of the actor's queues, except queues that hide personal data from them."""
        if actor.is_administrator:
            return self
        if not actor.is_user:
            return self.none()
        own = QueueMembership.objects.live().filter(user_id=actor.id, hides_personal_data=False)
        return self.filter(inbound__channel__queue__in=own.values("queue_id"))

    def matching_words(self, words: str) -> NoticeQuerySet:
        """Return notices that contain each of the words in the sender, subject or text."""
        found = self
        for word in words.split()[:8]:
            found = found.filter(
                Q(sender__icontains=word)
                | Q(name__icontains=word)
                | Q(subject__icontains=word)
                | Q(text__icontains=word)
            )
        return found


class Notice(models.Model):
    """One kept automatic message. `says` are the fields from which the page makes a sentence."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("read receipts")
        ABSENCE = "absence", _("absence notices")
        ANSWER = "answer", _("automatic answers")
        APPOINTMENT = "appointment", _("answers to appointments")
        DELAY = "delay", _("delay notices")
        DELIVERED = "delivered", _("delivery notices")
        LIST = "list", _("mailing lists")

    inbound = models.OneToOneField(Inbound, models.CASCADE, primary_key=True, related_name="notice")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    sender = models.CharField(_("address"), max_length=320, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    text = models.TextField(_("text"), blank=True)
    says = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField(_("received"))

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("automatic message")
        verbose_name_plural = _("automatic messages")
        ordering = ["-inbound"]

    def __str__(self) -> str:
        return f"{self.kind} {self.sender[:40]}"

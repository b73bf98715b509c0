"""Set the tags of a ticket."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tickets import events
from tickets.actor import Actor
from tickets.errors import Invalid
from tickets.models import Tag, Ticket

MAX_TAGS = 20
MAX_LENGTH = 60


def set_tags(ticket: Ticket, words: Iterable[str], *, by: Actor, now: datetime) -> bool:
    """Set the tags of a ticket to exactly these words; return whether any changed. New tags are created.

    Raises:
        Invalid: more than 20 tags, or one longer than 60 characters.
    """
    wanted = list(dict.fromkeys(" ".join(word.split()).lower() for word in words if word.strip()))
    if len(wanted) > MAX_TAGS or any(len(word) > MAX_LENGTH for word in wanted):
        raise Invalid(_("A ticket has at most 20 tags of 60 letters each."), code="tags")
    with transaction.atomic():
        before = set(ticket.tags.values_list("pk", flat=True))
        Tag.objects.bulk_create([Tag(name=word) for word in wanted], ignore_conflicts=True)
        after = set(Tag.objects.filter(name__in=wanted).values_list("pk", flat=True))
        if before == after:
            return False
        ticket.tags.set(after)
        ticket.updated_at, ticket.version = now, ticket.version + 1
        ticket.save(update_fields=["updated_at", "version"])
        changed = {"added": sorted(after - before), "removed": sorted(before - after)}
        events.record("ticket.tagged", ticket=ticket, by=by, at=now, data=changed)
    return True

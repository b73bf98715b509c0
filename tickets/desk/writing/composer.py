"""What the composer shows: whom the answer goes to and by which way, the drafts, and what may follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tickets.channels.registry import adapters
from tickets.customers import personal
from tickets.desk.entrance import Desk
from tickets.desk.page.opened import Opened
from tickets.desk.writing import drafts
from tickets.models import Company, Draft, Macro, Message, Ticket
from tickets.platform import placeholders

REPLY, NOTE = Draft.Kind.REPLY.value, Draft.Kind.NOTE.value
MAIL = "email"


@dataclass(frozen=True)
class Sheet:
    """One thing to write on: a reply or a note, with what is written and attached so far."""

    kind: str
    text: str = ""
    files: tuple[Any, ...] = ()
    saved_at: datetime | None = None


@dataclass(frozen=True)
class Composer:
    """Both sheets, the way out, and the last message the writer has seen."""

    reply: Sheet
    note: Sheet
    way: str
    to: str
    copies: list[str]
    seen_seq: int
    opened_at: datetime
    later: datetime | None = None
    active: str = REPLY
    newer: tuple[Message, ...] = ()
    problem: str = ""

    @property
    def is_live(self) -> bool:
        """Somebody sits at the other end: the main button sends and never solves."""
        return self.way != MAIL

    @property
    def can_reply(self) -> bool:
        """A mail needs an address; a live chat has its own way."""
        return bool(self.to) or self.is_live


def build_composer(opened: Opened, *, active: str = "", newer: tuple[Message, ...] = ()) -> Composer:
    """Return the composer of a ticket for one person, with their drafts in it."""
    ticket, desk, requester = opened.ticket, opened.desk, opened.requester
    kept = drafts.load_drafts(ticket, desk) if opened.has_drafts else {}
    is_note = active == NOTE or (not active and NOTE in kept and REPLY not in kept)
    return Composer(
        reply=_sheet(REPLY, kept.get(REPLY)),
        note=_sheet(NOTE, kept.get(NOTE)),
        way=_way(ticket),
        to=personal.shown(requester.address if requester else "", is_hidden=opened.hides_addresses),
        copies=[personal.shown(copy, is_hidden=opened.hides_addresses) for copy in opened.copies],
        seen_seq=ticket.last_seq,
        opened_at=desk.now,
        later=_tomorrow_morning(desk.now),
        active=NOTE if is_note else REPLY,
        newer=newer,
    )


def _tomorrow_morning(now: datetime) -> datetime:
    """Return what "send later" offers first: nine o'clock on the writer's next day."""
    tomorrow = timezone.localtime(now) + timedelta(days=1)
    return tomorrow.replace(hour=9, minute=0, second=0, microsecond=0)


def macros(ticket: Ticket, desk: Desk) -> list[tuple[str, str]]:
    """Return the ready-made texts for a ticket as (name, text), in its language, with the names filled in."""
    rows = Macro.objects.filter(is_active=True, queue__isnull=True) | Macro.objects.filter(
        is_active=True, queue=ticket.queue_id
    )
    values = {
        "{customer}": ticket.customer.name,
        "{agent}": desk.user.short_name,
        "{queue}": ticket.queue.label(ticket.language),
        "{company}": Company.current().name,
        "{number}": str(ticket.number),
    }
    found = [(macro.label(), placeholders.fill(macro.text(ticket.language), values)) for macro in rows]
    return sorted(found, key=lambda pair: pair[0].casefold())


def newer_than(ticket: Ticket, seq: int, desk: Desk) -> tuple[Message, ...]:
    """Return what was said after `seq` that a reply must take into account."""
    rows = Message.objects.visible_to(desk.actor).filter(ticket=ticket).not_withdrawn().after(seq)
    shown = rows.exclude(kind=Message.Kind.NOTE).select_related("author_user", "author_customer")
    return tuple(shown.defer("search", "html", "html_safe"))


def _sheet(kind: str, draft: Draft | None) -> Sheet:
    if draft is None:
        return Sheet(kind)
    files = tuple(draft.attachments.all())
    return Sheet(kind, draft.text, files, draft.updated_at if draft.text or files else None)


def _way(ticket: Ticket) -> str:
    """Return the slug of the channel a reply leaves by now: a live conversation's own, else mail."""
    adapter = adapters().get(ticket.channel.slug)
    return ticket.channel.slug if adapter and adapter.replies_by(ticket, ticket.channel) else MAIL

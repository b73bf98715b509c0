"""What the composer shows: whom the answer goes to and by which way, the drafts, and what may follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tickets.channels.base import Adapter
from tickets.channels.registry import reply_adapter, ticket_links
from tickets.channels.values import DeskLink
from tickets.customers import personal
from tickets.desk.entrance import Desk
from tickets.desk.page.opened import Opened
from tickets.desk.writing import drafts
from tickets.models import Draft, Message, Ticket

REPLY, NOTE = Draft.Kind.REPLY.value, Draft.Kind.NOTE.value


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
    way: Adapter
    to: str
    copies: list[str]
    seen_seq: int
    opened_at: datetime
    later: datetime | None = None
    active: str = REPLY
    newer: tuple[Message, ...] = ()
    problem: str = ""

    @property
    def links(self) -> list[DeskLink]:
        """What else the channels offer beside a ticket, such as to log a call."""
        return ticket_links()

    @property
    def is_live(self) -> bool:
        """Somebody sits at the other end: the main button sends and never solves."""
        return self.way.is_live

    @property
    def can_reply(self) -> bool:
        """Whether there is somewhere to send a reply."""
        return bool(self.to) or not self.way.needs_address


def build_composer(opened: Opened, *, active: str = "", newer: tuple[Message, ...] = ()) -> Composer:
    """Return the composer of a ticket for one person, with their drafts in it."""
    ticket, desk, recipients = opened.ticket, opened.desk, opened.recipients
    kept = drafts.load_drafts(ticket, desk) if opened.has_drafts else {}
    way = reply_adapter(ticket)
    to = way.reply_address(recipients.requester, recipients.address)
    copies = recipients.copies if way.sends_copies else ()
    is_note = active == NOTE or (not active and NOTE in kept and REPLY not in kept)
    return Composer(
        reply=_sheet(REPLY, kept.get(REPLY)),
        note=_sheet(NOTE, kept.get(NOTE)),
        way=way,
        to=personal.mask_if_hidden(to, is_hidden=opened.hides_addresses),
        copies=[personal.mask_if_hidden(copy, is_hidden=opened.hides_addresses) for copy in copies],
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

"""What the composer shows: the recipients and the channel of a reply, and the agent's drafts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tickets.channels.base import Adapter
from tickets.channels.registry import reply_adapter, ticket_links
from tickets.channels.values import DeskLink
from tickets.customers import personal
from tickets.desk.access import Desk
from tickets.desk.page.ticket import TicketPage
from tickets.desk.writing import drafts
from tickets.models import Draft, Message, Ticket

REPLY, NOTE = Draft.Kind.REPLY.value, Draft.Kind.NOTE.value


@dataclass(frozen=True)
class Sheet:
    """One of the composer's two editors, reply or note, with the text and files of its draft."""

    kind: str
    text: str = ""
    files: tuple[Any, ...] = ()
    saved_at: datetime | None = None


@dataclass(frozen=True)
class Composer:
    """Both editors, the adapter that sends the reply, and the last message that the agent has seen.

    `later` is the time offered for a scheduled reply; `newer` are messages written meanwhile, which made a
    reply be refused; `problem` is the sentence shown above the editor.
    """

    reply: Sheet
    note: Sheet
    adapter: Adapter
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
        """The links that channels add to a ticket, such as "Log a call"."""
        return ticket_links()

    @property
    def is_live(self) -> bool:
        """Whether the customer reads along: then the main button sends without solving the ticket."""
        return self.adapter.is_live

    @property
    def can_reply(self) -> bool:
        """Whether there is an address to reply to, or the channel needs none."""
        return bool(self.to) or not self.adapter.needs_address


def build_composer(page: TicketPage, *, active: str = "", newer: tuple[Message, ...] = ()) -> Composer:
    """Return the composer of a ticket for one person, with their drafts.

    `active` is the editor in front, reply or note; if empty, the note if only a note is drafted.
    """
    ticket, desk, recipients = page.ticket, page.desk, page.recipients
    saved = drafts.load_drafts(ticket, desk) if page.has_drafts else {}
    adapter = reply_adapter(ticket)
    to = adapter.reply_address(recipients.requester, recipients.address)
    copies = recipients.copies if adapter.sends_copies else ()
    is_note = active == NOTE or (not active and NOTE in saved and REPLY not in saved)
    return Composer(
        reply=_build_sheet(REPLY, saved.get(REPLY)),
        note=_build_sheet(NOTE, saved.get(NOTE)),
        adapter=adapter,
        to=personal.mask_if_hidden(to, is_hidden=page.hides_addresses),
        copies=[personal.mask_if_hidden(copy, is_hidden=page.hides_addresses) for copy in copies],
        seen_seq=ticket.last_seq,
        opened_at=desk.now,
        later=_tomorrow_morning(desk.now),
        active=NOTE if is_note else REPLY,
        newer=newer,
    )


def _tomorrow_morning(now: datetime) -> datetime:
    """Return the default of "send later": 9:00 on the next day, in the agent's time zone."""
    tomorrow = timezone.localtime(now) + timedelta(days=1)
    return tomorrow.replace(hour=9, minute=0, second=0, microsecond=0)


def load_newer_messages(ticket: Ticket, seq: int, desk: Desk) -> tuple[Message, ...]:
    """Return the messages after number `seq` that an agent must read first: no notes, no undone replies."""
    rows = Message.objects.visible_to(desk.actor).filter(ticket=ticket).not_withdrawn().after(seq)
    shown = rows.exclude(kind=Message.Kind.NOTE).select_related("author_user", "author_customer")
    return tuple(shown.defer("search", "html", "html_safe"))


def _build_sheet(kind: str, draft: Draft | None) -> Sheet:
    if draft is None:
        return Sheet(kind)
    files = tuple(draft.attachments.all())
    return Sheet(kind, draft.text, files, draft.updated_at if draft.text or files else None)

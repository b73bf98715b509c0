"""Write an agent's message into a ticket whose row is locked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tickets.actor import Actor
from tickets.models import Attachment, Draft, Message, Reader, Ticket

if TYPE_CHECKING:
    from tickets.conversation.replies import Words


def write_message(
    ticket: Ticket,
    words: Words,
    kind: str,
    slug: str,
    *,
    by: Actor,
    now: datetime,
    is_held: bool = False,
) -> Message:
    """Add a message to the locked ticket, and save the ticket's number of messages and clocks."""
    has_seen_all = words.seen_seq is not None and words.seen_seq >= ticket.last_seq
    ticket.last_seq += 1
    ticket.updated_at = now
    ticket.save(update_fields=["last_seq", "updated_at", "waiting_since", "first_response_at"])
    if has_seen_all and by.user_id is not None:
        _record_read(ticket, by.user_id)
    return Message.objects.create(
        ticket=ticket,
        seq=ticket.last_seq,
        kind=kind,
        channel_slug=slug,
        author_user_id=by.user_id,
        text=words.text.replace("\r\n", "\n").strip().replace("\x00", ""),
        language=ticket.language,
        is_held=is_held,
        created_at=now,
    )


def _record_read(ticket: Ticket, user_id: int) -> None:
    """Record that the author has read the whole ticket and has stopped writing.

    The ticket is locked, so there cannot be a later message.
    """
    Reader.objects.bulk_create(
        [Reader(ticket=ticket, user_id=user_id, seen_seq=ticket.last_seq)],
        update_conflicts=True,
        unique_fields=["ticket", "user"],
        update_fields=["seen_seq", "is_writing"],
    )


def attach_files(draft: Draft | None, message: Message) -> None:
    """Move the files of a draft to its message, and delete the draft."""
    if draft is not None:
        Attachment.objects.filter(draft=draft).update(message=message, draft=None)
        draft.delete()


def lock_ticket(ticket_id: int) -> Ticket:
    """Return a ticket with its row locked (FOR NO KEY UPDATE).

    This lock does not conflict with inserts of rows that refer to the ticket. A full lock would, and could
    deadlock with a transaction that has inserted one and now waits for the ticket.
    """
    locked = Ticket.objects.select_for_update(of=("self",), no_key=True).filter(pk=ticket_id)
    # The channel's secrets are not needed here, and decrypting them is costly.
    return (
        locked.select_related("channel", "queue").defer("channel__secret", "channel__previous_secret").get()
    )

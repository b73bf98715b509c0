"""What agents say: replies, notes, outgoing conversations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tickets import events
from tickets.actor import Actor
from tickets.channels.registry import adapters
from tickets.conversation import recipients
from tickets.conversation.errors import InChat
from tickets.customers import identity as identities
from tickets.delivery import outbox
from tickets.errors import Invalid, NotAllowed, Stale
from tickets.models import (
    Attachment,
    Channel,
    Customer,
    Draft,
    Event,
    Message,
    Outbound,
    Participant,
    Queue,
    Ticket,
)
from tickets.models.composed import composed
from tickets.platform.bulk_insert import BulkInsert, next_number
from tickets.promises import answered

MAX_TEXT = 200_000
FURTHEST = timedelta(days=365)
MOVE_CLOCKS = """
UPDATE tickets_ticket SET last_seq = %s, updated_at = %s, waiting_since = %s, first_response_at = %s
WHERE id = %s
"""

# Whoever writes below the last message has read everything, and writes no more.
HAS_READ = """
INSERT INTO tickets_reader (ticket_id, user_id, seen_seq, is_writing) VALUES (%s, %s, %s, false)
ON CONFLICT (ticket_id, user_id) DO UPDATE
SET seen_seq = GREATEST(tickets_reader.seen_seq, EXCLUDED.seen_seq), is_writing = false
"""


@dataclass(frozen=True)
class Words:
    """What an agent has written: the text, the last message they had seen, the draft with its files.

    `way` is the channel that the page said it would leave by, where one did.
    """

    text: str
    seen_seq: int | None = None
    draft: Draft | None = None
    way: str = ""


@dataclass(frozen=True)
class When:
    """When a reply leaves, and what then becomes of the ticket."""

    wait: timedelta = timedelta(0)
    send_at: datetime | None = None
    then: str = ""
    is_mail_held: bool = False


def reply(
    ticket: Ticket,
    words: Words,
    *,
    by: Actor,
    now: datetime,
    then: str = "pending",
    undo: timedelta = timedelta(0),
    send_at: datetime | None = None,
) -> Message:
    """Send a person's reply to the customer and move the ticket on (`then`: pending, open, on_hold, solved).

    For as long as `undo` a mail can be taken back. With `send_at` it leaves then, and only then is it an
    answer; it does not leave if the customer writes first (tickets.later).

    Raises:
        Invalid: there is nothing to send, or nobody to send it to.
        NotAllowed: only people reply.
        Stale: the customer or a colleague wrote after `words.seen_seq`.
        InChat: it was to solve by mail, and would now appear in a chat.
    """
    if not by.is_user:
        raise NotAllowed(code="only_people_reply")
    _check(words)
    with transaction.atomic():
        (ticket,) = _locked(ticket.pk)
        _refuse_stale(ticket, words)
        return _send(ticket, words, undo, send_at, then, by=by, now=now)


def note(ticket: Ticket, words: Words, *, by: Actor, now: datetime) -> Message:
    """Write an internal note: customers never see it."""
    if not by.is_user:
        raise NotAllowed
    _check(words)
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
        rows = BulkInsert()
        message = _write(ticket, words, Message.Kind.NOTE, "note", rows, by=by, now=now)
        noted = events.draft("message.note", ticket=ticket, by=by, at=now, data={"message": message.pk})
        events.record_many(noted, beside=rows)
        _take_over(words.draft, message)
    return message


def start(
    queue: Queue, customer: Customer, *, subject: str, text: str, by: Actor, now: datetime, channel: Channel,
    send: bool = True,
) -> Ticket:  # fmt: skip
    """Open a ticket in a customer's name: with a mail to them (`send`), or with a note of what was said."""
    with transaction.atomic():
        identity = identities.best_known(customer, by=by)
        ticket = Ticket.objects.create(
            subject=subject.strip()[:500] or text.strip().split("\n")[0][:200],
            queue=queue,
            channel=channel,
            customer=customer,
            language=customer.language or channel.language,
            created_at=now,
            updated_at=now,
        )
        Participant.objects.create(ticket=ticket, customer=customer, identity=identity, created_at=now)
        made = {"customer": customer.pk, "direction": "out" if send else "in"}
        events.record_many(
            events.draft("ticket.created", ticket=ticket, by=by, at=now, data=made),
            events.draft("queue.entered", ticket=ticket, by=by, at=now, data={"from_queue": None}),
        )
        if text.strip():
            (reply if send else note)(ticket, Words(text), by=by, now=now)
    ticket.refresh_from_db()
    return ticket


def _check(words: Words) -> None:
    has_files = words.draft is not None and words.draft.attachments.exists()
    if not words.text.strip() and not has_files:
        raise Invalid(_("There is nothing to send yet. Write something first."), code="empty")
    if len(words.text) > MAX_TEXT:
        raise Invalid(_("This text is too long. Attach it as a file instead."), code="too_long")


def _refuse_stale(ticket: Ticket, words: Words) -> None:
    if words.seen_seq is not None and ticket.last_seq > words.seen_seq:
        newer = Message.objects.filter(ticket=ticket, seq__gt=words.seen_seq).not_withdrawn()
        newer = newer.exclude(kind=Message.Kind.NOTE)
        if newer.exists():
            raise Stale


def _way_out(ticket: Ticket) -> tuple[Channel | None, str]:
    """Return the channel a reply leaves by: a live conversation if there is one, else mail."""
    for slug, adapter in adapters().items():
        if slug == ticket.channel.slug and adapter.replies_by(ticket, ticket.channel):
            return ticket.channel, slug
    return outbox.mail_channel(ticket), "email"


def _send(
    ticket: Any, words: Words, undo: timedelta, send_at: datetime | None, then: str, *, by: Actor,
    now: datetime,
) -> Message:  # fmt: skip
    """Write a reply into a ticket that `_locked` has read; what is sent later changes nothing yet."""
    channel, slug = _way_out(ticket)
    if then == "solved" and words.way == "email" != slug:
        raise InChat
    when = _when(slug, undo, send_at, then, now=now)
    if when.send_at is None:
        answered.stop_waiting(ticket, now=now)
    rows = BulkInsert()
    rows.take(Message, ticket.message_number)
    rows.take(Outbound, ticket.outbound_number)
    is_held = when.is_mail_held
    message = _write(ticket, words, Message.Kind.OUTBOUND, slug, rows, by=by, now=now, is_held=is_held)
    queued = _address(ticket, message, channel, slug, when, rows, by=by, now=now)
    if when.send_at is None:
        answered.take_effect(ticket, message, then, by=by, now=now, also=queued, beside=rows)
    else:
        events.record_many(*queued, beside=rows)
    _take_over(words.draft, message)
    return message


def _when(slug: str, undo: timedelta, send_at: datetime | None, then: str, *, now: datetime) -> When:
    answered.check(then)
    if slug != "email":
        return When(adapters()[slug].wait_before_sending)
    if send_at is not None and send_at <= now:
        raise Invalid(_("Choose a time that is still to come."), code="send_at")
    if send_at is not None and send_at > now + FURTHEST:
        raise Invalid(_("Choose a time within the next twelve months."), code="send_at")
    return When(undo, send_at, then, is_mail_held=bool(undo) or send_at is not None)


def _write(
    ticket: Ticket,
    words: Words,
    kind: str,
    slug: str,
    rows: BulkInsert,
    *,
    by: Actor,
    now: datetime,
    is_held: bool = False,
) -> Message:
    """Add a message to the rows that the caller writes; move the locked ticket's own clocks."""
    has_seen_all = words.seen_seq is not None and words.seen_seq >= ticket.last_seq
    ticket.last_seq += 1
    ticket.updated_at = now
    clocks = [ticket.last_seq, now, ticket.waiting_since, ticket.first_response_at, ticket.pk]
    rows.change(MOVE_CLOCKS, clocks)
    if has_seen_all and by.user_id is not None:
        rows.change(HAS_READ, [ticket.pk, by.user_id, ticket.last_seq])
    return rows.add(
        Message(
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
    )


def _take_over(draft: Draft | None, message: Message) -> None:
    """Let a message that has been written have the files of its draft."""
    if draft is not None:
        Attachment.objects.filter(draft=draft).update(message=message, draft=None)
        draft.delete()


def _address(
    ticket: Ticket,
    message: Message,
    channel: Channel | None,
    slug: str,
    when: When,
    rows: BulkInsert,
    *,
    by: Actor,
    now: datetime,
) -> list[Event]:
    """Put the reply into the outbox for the requester, the others in copy; return the events of it.

    The caller writes both.
    """
    requester, address, copies = recipients.recipients_for(ticket)
    if slug == "email" and not address:
        raise Invalid(
            _("There is no mail address for this customer yet. Add one to their card, or call them."),
            code="no_address",
        )
    drafts: list[Event] = []
    outbox.queue(
        Outbound.Kind.REPLY,
        channel=channel,
        to=address,
        cc=copies if slug == "email" else [],
        ticket=ticket,
        message=message,
        participant=requester,
        now=now,
        by=by,
        wait=when.wait,
        send_at=when.send_at,
        payload={"then": when.then} if when.send_at else None,
        drafts=drafts,
        beside=rows,
    )
    return drafts


@composed
def _locked(ticket_id: int) -> QuerySet[Any]:
    """Lock a ticket, and draw the numbers of the rows that a reply to it makes.

    Rows that point at the ticket may be made beside it: waiting for one of them must not end in a deadlock.
    """
    locked = Ticket.objects.select_for_update(of=("self",), no_key=True).filter(pk=ticket_id)
    drawn = locked.annotate(message_number=next_number(Message), outbound_number=next_number(Outbound))
    # Nobody asks for the channel's secrets here, and decrypting them costs.
    return drawn.select_related("channel", "queue").defer("channel__secret", "channel__previous_secret")

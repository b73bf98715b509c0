"""Write replies and internal notes, and start conversations with customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tickets import events
from tickets.actor import Actor
from tickets.channels.base import Adapter
from tickets.channels.registry import reply_adapter
from tickets.conversation.errors import InChat
from tickets.conversation.messages import attach_files, lock_ticket, write_message
from tickets.customers import identity as identities
from tickets.customers.recipients import find_recipients
from tickets.delivery import outbox
from tickets.errors import Invalid, NotAllowed, Stale
from tickets.models import (
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
from tickets.promises import answered

MAX_TEXT = 200_000
MAX_DELAY = timedelta(days=365)


@dataclass(frozen=True)
class Words:
    """What an agent has written.

    - `seen_seq`: the number of the last message that they had seen.
    - `draft`: the draft with the attached files.
    - `way`: the slug of the channel by which the page said the reply would be sent, or empty.
    """

    text: str
    seen_seq: int | None = None
    draft: Draft | None = None
    way: str = ""


@dataclass(frozen=True)
class Timing:
    """When a reply is sent: after `wait`, or at `send_at`; `then` is the ticket's state after that."""

    wait: timedelta = timedelta(0)
    send_at: datetime | None = None
    then: str = ""
    is_mail_held: bool = False

    @property
    def first_state(self) -> str:
        """In which state it comes into the outbox: held while it may be undone or seen in a chat."""
        if self.send_at is not None:
            return Outbound.State.SCHEDULED
        return Outbound.State.HELD if self.wait else Outbound.State.QUEUED


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
    """Send a person's reply to the customer and set the ticket's next state; return the message.

    `then` is that state: pending, open, on_hold or solved. The reply can be withdrawn during `undo`, if its
    channel can delay messages. With `send_at` it is sent at that moment and counts as an answer only then; it
    is stopped if the customer writes first (`scheduled`).

    Raises:
        Invalid: there is nothing to send or no address, or the channel cannot send files or at a chosen time.
        NotAllowed: `by` is not a user.
        Stale: the customer or a colleague wrote after `words.seen_seq`.
        InChat: a reply that was to solve the ticket by mail would now appear in a chat.
    """
    if not by.is_user:
        raise NotAllowed(code="only_people_reply")
    _check_text(words)
    with transaction.atomic():
        ticket = lock_ticket(ticket.pk)
        _refuse_stale(ticket, words)
        return _send(ticket, words, undo, send_at, then, by=by, now=now)


def note(ticket: Ticket, words: Words, *, by: Actor, now: datetime) -> Message:
    """Write an internal note, which customers never see; return the message.

    Raises NotAllowed if `by` is not a user, Invalid if there is no text or it is too long.
    """
    if not by.is_user:
        raise NotAllowed
    _check_text(words)
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
        message = write_message(ticket, words, Message.Kind.NOTE, "note", by=by, now=now)
        events.record("message.note", ticket=ticket, by=by, at=now, data={"message": message.pk})
        attach_files(words.draft, message)
    return message


def start_conversation(
    queue: Queue, customer: Customer, *, subject: str, text: str, by: Actor, now: datetime, channel: Channel,
    send: bool = True,
) -> Ticket:  # fmt: skip
    """Create a ticket for a customer, with a reply to them (`send`) or with an internal note; return it."""
    with transaction.atomic():
        identity = identities.choose_identity(customer, by=by)
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
        data = {"customer": customer.pk, "direction": "out" if send else "in"}
        events.record_many(
            events.build_event("ticket.created", ticket=ticket, by=by, at=now, data=data),
            events.build_event("queue.entered", ticket=ticket, by=by, at=now, data={"from_queue": None}),
        )
        if text.strip():
            (reply if send else note)(ticket, Words(text), by=by, now=now)
    ticket.refresh_from_db()
    return ticket


def _check_text(words: Words) -> None:
    has_files = words.draft is not None and words.draft.attachments.exists()
    if not words.text.strip() and not has_files:
        raise Invalid(_("There is nothing to send yet. Write something first."), code="empty")
    if len(words.text) > MAX_TEXT:
        raise Invalid(_("This text is too long. Attach it as a file instead."), code="too_long")


def _check_files(adapter: Adapter, words: Words) -> None:
    if not adapter.sends_files and words.draft is not None and words.draft.attachments.exists():
        raise Invalid(
            _("No files can be sent in this channel (%(channel)s). Remove them, or send a link.")
            % {"channel": adapter.label},
            code="no_files",
        )


def _refuse_stale(ticket: Ticket, words: Words) -> None:
    if words.seen_seq is not None and ticket.last_seq > words.seen_seq:
        newer = Message.objects.filter(ticket=ticket, seq__gt=words.seen_seq).not_withdrawn()
        newer = newer.exclude(kind=Message.Kind.NOTE)
        newer = newer.exclude(kind=Message.Kind.OUTBOUND, is_auto=True)  # no person wrote it
        newer = newer.without_notices()
        if newer.exists():
            raise Stale


def _send(
    ticket: Ticket, words: Words, undo: timedelta, send_at: datetime | None, then: str, *, by: Actor,
    now: datetime,
) -> Message:  # fmt: skip
    """Write a reply into a ticket from `lock_ticket`. A scheduled reply does not change the ticket yet."""
    adapter = reply_adapter(ticket)
    if then == "solved" and adapter.is_live and words.way not in ("", adapter.slug):
        raise InChat
    when = _choose_timing(adapter, undo, send_at, then, now=now)
    _check_files(adapter, words)
    if when.send_at is None:
        answered.stop_waiting(ticket, now=now)
    is_held = when.is_mail_held
    message = write_message(
        ticket, words, Message.Kind.OUTBOUND, adapter.slug, by=by, now=now, is_held=is_held
    )
    queued = _add_to_outbox(ticket, message, adapter, when, by=by, now=now)
    settled = answered.settle_reply(ticket, message, by=by, now=now) if when.send_at is None else []
    events.record_many(*queued, *settled)
    if when.send_at is None:
        answered.apply_next_state(ticket, then, by=by, now=now)
    attach_files(words.draft, message)
    return message


def _choose_timing(
    adapter: Adapter, undo: timedelta, send_at: datetime | None, then: str, *, now: datetime
) -> Timing:
    answered.check_next_state(then)
    if not adapter.can_send_later:
        if send_at is not None:
            raise Invalid(
                _("A reply in this channel (%(channel)s) is sent at once; it cannot be scheduled.")
                % {"channel": adapter.label},
                code="send_at",
            )
        return Timing(adapter.wait_before_sending)
    if send_at is not None and send_at <= now:
        raise Invalid(_("Choose a time that is still to come."), code="send_at")
    if send_at is not None and send_at > now + MAX_DELAY:
        raise Invalid(_("Choose a time within the next twelve months."), code="send_at")
    return Timing(undo, send_at, then, is_mail_held=bool(undo) or send_at is not None)


def _add_to_outbox(
    ticket: Ticket,
    message: Message,
    adapter: Adapter,
    when: Timing,
    *,
    by: Actor,
    now: datetime,
) -> list[Event]:
    """Add the reply to the outbox for the requester, with the other participants in copy.

    Return the event, unsaved.
    """
    requester, mail_address, copies = find_recipients(ticket)
    address = adapter.reply_address(requester, mail_address)
    if adapter.needs_address and not address:
        raise Invalid(adapter.no_address, code="no_address")
    row = Outbound(
        kind=Outbound.Kind.REPLY,
        state=when.first_state,
        channel=outbox.choose_mail_channel(ticket) if adapter.is_mail else ticket.channel,
        to=address,
        cc=list(copies) if adapter.sends_copies else [],
        ticket=ticket,
        message=message,
        participant=requester,
        payload={"then": when.then} if when.send_at else {},
        created_at=now,
        next_attempt_at=when.send_at or now + when.wait,
    )
    return outbox.put(row, by=by)

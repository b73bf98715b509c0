"""A ticket's timeline: messages, calls, chats and events, in chronological order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from tickets import prepared, wording
from tickets.desk import calls
from tickets.desk.access import Desk
from tickets.desk.page import sentences
from tickets.desk.page.bubble import MessageBubble, describe_deliveries
from tickets.desk.page.correspondents import read_correspondents
from tickets.desk.page.sentences import Line, Names
from tickets.desk.page.ticket import TicketPage
from tickets.models import Attachment, Call, Event, Handover, Outbound, Participant, Queue, Ticket
from tickets.prepared.conversation import MESSAGES_PER_PAGE

BEYOND_LAST = 2_000_000_000  # greater than the number of any message


@dataclass(frozen=True)
class Entry:
    """One entry of the timeline: a message, a line about an event or call, or the heading of a day."""

    at: datetime
    bubble: MessageBubble | None = None
    line: Line | None = None
    day: str = ""


@dataclass(frozen=True)
class Thread:
    """A ticket's timeline, or a part of it.

    `mark` changes whenever anything in it may have changed. `earlier` is the number of the first message
    shown, None if there is nothing earlier.
    """

    entries: list[Entry]
    pending_participants: list[Participant]
    last_seq: int
    mark: int
    earlier: int | None = None
    hides_addresses: bool = False


def load_mark(ticket: Ticket) -> int:
    """Return the id of the ticket's latest event, or 0; as long as it is the same, the timeline is too."""
    latest = Event.objects.filter(ticket=ticket).order_by("-pk").values_list("pk", flat=True).first()
    return latest or 0


def build_thread(page: TicketPage, *, before: int | None = None) -> Thread:
    """Return the newest part of the timeline, or the part before message number `before`.

    The number of queries does not depend on the number of messages.
    """
    ticket, desk = page.ticket, page.desk
    messages = _load_messages(page, before)
    has_more = len(messages) > MESSAGES_PER_PAGE
    messages = messages[-MESSAGES_PER_PAGE:]
    first = messages[0] if has_more else None
    events, outbounds = prepared.load_events(ticket.pk)[::-1], prepared.load_outbounds(ticket.pk)
    ticket_calls = calls.load_calls(ticket, desk.actor) if not messages or messages[-1].has_calls else []
    entries = [
        *_message_entries(messages, outbounds, ticket_calls, page),
        *_notice_entries(outbounds, desk.now),
        *_call_entries([call for call in ticket_calls if call.message_id is None], desk),
        *_event_entries(events, messages, page),
    ]
    start, end = (first.created_at if first else None), _load_end(ticket, before)
    entries = [e for e in entries if (not start or e.at >= start) and (not end or e.at < end)]
    entries.sort(key=lambda entry: entry.at)
    return Thread(
        entries=_add_days(entries, desk.now),
        pending_participants=page.pending_participants,
        last_seq=ticket.last_seq,
        mark=events[-1].pk if events else 0,
        earlier=first.seq if first else None,
        hides_addresses=page.hides_addresses,
    )


def _load_messages(page: TicketPage, before: int | None) -> list[Any]:
    """Return the latest messages, oldest first, one more than is shown to know whether there are earlier."""
    ticket, last = page.ticket, BEYOND_LAST if before is None else before
    return prepared.load_messages(page.desk.actor, ticket.pk, ticket.customer_id, last)[::-1]


def _load_end(ticket: Ticket, before: int | None) -> datetime | None:
    """Return when message `before` was written, where the part that the page already shows begins."""
    if before is None:
        return None
    return ticket.messages.filter(seq=before).values_list("created_at", flat=True).first()


def _message_entries(
    messages: Sequence[Any], outbounds: Iterable[Outbound], ticket_calls: Iterable[Call], page: TicketPage
) -> list[Entry]:
    desk = page.desk
    files, sent = defaultdict(list), defaultdict(list)
    if with_files := [m.pk for m in messages if m.has_files]:
        for file in Attachment.objects.filter(message__in=with_files):
            files[file.message_id].append(file)
    for row in outbounds:
        sent[row.message_id].append(row)
    by_message = {call.message_id: call for call in ticket_calls}
    mentioned = _load_mentioned(messages, page)
    pending = {person.customer_id: person for person in page.pending_participants}
    return [
        Entry(
            message.created_at,
            MessageBubble(
                message,
                me=desk.actor.user_id,
                files=files[message.pk],
                deliveries=describe_deliveries(sent[message.pk], desk.now),
                call=by_message.get(message.pk),
                pending_participant=pending.get(message.author_customer_id or 0) if message.is_held else None,
                has_html=message.has_html,
                hides_address=page.hides_addresses,
                now=desk.now,
                correspondents=read_correspondents(
                    message, page.people, is_hidden=page.hides_addresses, now=desk.now
                ),
                mentioned=[number for number in message.facts.get("mentions", ()) if number in mentioned],
            ),
        )
        for message in messages
    ]


def _load_mentioned(messages: Sequence[Any], page: TicketPage) -> frozenset[int]:
    """Return those ticket numbers in the customers' subjects that exist and this person may see."""
    numbers = {number for message in messages for number in message.facts.get("mentions", ())}
    numbers.discard(page.ticket.pk)
    if not numbers:
        return frozenset()
    visible = Ticket.objects.visible_to(page.desk.actor).filter(pk__in=numbers)
    return frozenset(visible.values_list("pk", flat=True))


def _notice_entries(outbounds: Iterable[Outbound], now: datetime) -> list[Entry]:
    """Return lines for outgoing mail without a message: acknowledgements, surveys, notices."""
    notices = [row for row in outbounds if row.message_id is None]
    return [
        Entry(
            delivery.outbound.created_at,
            line=Line("mail", f"{delivery.outbound.get_kind_display()}, {delivery.word}", delivery.why),
        )
        for delivery in describe_deliveries(notices, now)
    ]


def _call_entries(ticket_calls: Iterable[Call], desk: Desk) -> list[Entry]:
    return [
        Entry(call.started_at, line=calls.describe_call(call, me=desk.actor.user_id)) for call in ticket_calls
    ]


def _event_entries(events: Sequence[Event], messages: Sequence[Any], page: TicketPage) -> list[Entry]:
    """Return lines for the events, without the assignment or move that is part of a handover."""
    handed_over_at = {event.at for event in events if event.kind == "transfer"}
    shown = [
        event
        for event in events
        if event.kind in sentences.WRITERS
        and not (event.at in handed_over_at and event.kind.startswith(("assignment.", "queue.")))
    ]
    authors = [message.author_user for message in messages if message.author_user]
    known = {user.pk: str(user) for user in [page.desk.user, page.ticket.assignee, *authors] if user}
    names = _load_names(shown, known, page.desk)
    lines = [(event, sentences.describe_event(event, names)) for event in shown]
    return [Entry(event.at, line=line) for event, line in lines if line is not None]


def _load_names(events: Sequence[Event], known: dict[int, str], desk: Desk) -> Names:
    """Return the names that the events' lines need; query only those that are not already `known`."""
    people = {user_id for event in events for user_id in sentences.find_accounts(event)} - known.keys()
    accounts: Any = get_user_model().objects.filter(pk__in=people) if people else ()
    handovers: Any = ()
    if handover_ids := [e.data.get("handover") for e in events if e.kind == "transfer"]:
        handovers = Handover.objects.filter(pk__in=handover_ids)
    queues = {pk: queue.label() for pk, queue in desk.queues.items()}
    places = {e.queue_id for e in events} | {e.data.get("from_queue") for e in events}
    if unknown := {pk for pk in places if pk} - queues.keys():
        queues |= {queue.pk: queue.label() for queue in Queue.objects.filter(pk__in=unknown)}
    return Names(
        me=desk.actor.user_id,
        people=known | {user.pk: str(user) for user in accounts},
        queues=queues,
        handovers={handover.pk: handover for handover in handovers},
        now=desk.now,
    )


def _add_days(entries: Sequence[Entry], now: datetime) -> list[Entry]:
    dated: list[Entry] = []
    present: date | None = None
    for entry in entries:
        local = timezone.localtime(entry.at)
        if local.date() != present:
            present = local.date()
            dated.append(Entry(entry.at, day=wording.format_day(local, now=now)))
        dated.append(entry)
    return dated

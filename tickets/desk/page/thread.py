"""One timeline of a ticket: messages, calls, chats and what happened, in the order of time."""

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
from tickets.desk.entrance import Desk
from tickets.desk.page import sentences
from tickets.desk.page.opened import Opened
from tickets.desk.page.said import Said, deliveries_of
from tickets.desk.page.sentences import Line, Names
from tickets.models import Attachment, Call, Event, Handover, Outbound, Participant, Queue, Ticket
from tickets.prepared.conversation import MESSAGES_PER_PAGE

ENDLESS = 2_000_000_000  # more messages than a ticket can have


@dataclass(frozen=True)
class Entry:
    """One thing on the timeline: a message, a line, or the day they stand under."""

    at: datetime
    said: Said | None = None
    line: Line | None = None
    day: str = ""


@dataclass(frozen=True)
class Thread:
    """A ticket's timeline, or its newest part. `mark` changes whenever anything in it may have changed."""

    entries: list[Entry]
    strangers: list[Participant]
    last_seq: int
    mark: int
    earlier: int | None = None
    hides_addresses: bool = False


def mark_of(ticket: Ticket) -> int:
    """Return the id of the ticket's latest event: the same mark means that nothing new is to be shown."""
    latest = Event.objects.filter(ticket=ticket).order_by("-pk").values_list("pk", flat=True).first()
    return latest or 0


def build_thread(opened: Opened, *, before: int | None = None) -> Thread:
    """Return the newest part of the timeline, or the part before message number `before`.

    The number of queries does not depend on how much was said.
    """
    ticket, desk = opened.ticket, opened.desk
    messages = _messages(opened, before)
    has_more = len(messages) > MESSAGES_PER_PAGE
    messages = messages[-MESSAGES_PER_PAGE:]
    first = messages[0] if has_more else None
    events, outbounds = prepared.load_events(ticket.pk)[::-1], prepared.load_outbounds(ticket.pk)
    spoken = calls.of_ticket(ticket, desk.actor) if not messages or messages[-1].has_calls else []
    entries = [
        *_said(messages, outbounds, spoken, opened),
        *_notices(outbounds, desk.now),
        *_called([call for call in spoken if call.message_id is None], desk),
        *_happened(events, messages, opened),
    ]
    start, end = (first.created_at if first else None), _end(ticket, before)
    entries = [e for e in entries if (not start or e.at >= start) and (not end or e.at < end)]
    entries.sort(key=lambda entry: entry.at)
    return Thread(
        entries=_with_days(entries, desk.now),
        strangers=opened.strangers,
        last_seq=ticket.last_seq,
        mark=events[-1].pk if events else 0,
        earlier=first.seq if first else None,
        hides_addresses=opened.hides_addresses,
    )


def _messages(opened: Opened, before: int | None) -> list[Any]:
    """Return the latest messages, oldest first and one more than is shown."""
    ticket, last = opened.ticket, ENDLESS if before is None else before
    return prepared.load_messages(opened.desk.actor, ticket.pk, ticket.customer_id, last)[::-1]


def _end(ticket: Ticket, before: int | None) -> datetime | None:
    """Return when the part of the timeline that is shown already begins."""
    if before is None:
        return None
    return ticket.messages.filter(seq=before).values_list("created_at", flat=True).first()


def _said(
    messages: Sequence[Any], outbounds: Iterable[Outbound], spoken: Iterable[Call], opened: Opened
) -> list[Entry]:
    desk = opened.desk
    files, sent = defaultdict(list), defaultdict(list)
    if with_files := [m.pk for m in messages if m.has_files]:
        for file in Attachment.objects.filter(message__in=with_files):
            files[file.message_id].append(file)
    for row in outbounds:
        sent[row.message_id].append(row)
    by_message = {call.message_id: call for call in spoken}
    mentioned = _mentioned(messages, opened)
    waiting = {stranger.customer_id: stranger for stranger in opened.strangers}
    return [
        Entry(
            message.created_at,
            Said(
                message,
                me=desk.actor.user_id,
                files=files[message.pk],
                deliveries=deliveries_of(sent[message.pk], desk.now),
                call=by_message.get(message.pk),
                stranger=waiting.get(message.author_customer_id or 0) if message.is_held else None,
                has_html=message.has_html,
                hides_address=opened.hides_addresses,
                mentioned=[number for number in message.facts.get("mentions", ()) if number in mentioned],
            ),
        )
        for message in messages
    ]


def _mentioned(messages: Sequence[Any], opened: Opened) -> frozenset[int]:
    """Return which of the tickets that customers' subjects mention there are, and this person may see."""
    numbers = {number for message in messages for number in message.facts.get("mentions", ())}
    numbers.discard(opened.ticket.pk)
    if not numbers:
        return frozenset()
    seen = Ticket.objects.visible_to(opened.desk.actor).filter(pk__in=numbers)
    return frozenset(seen.values_list("pk", flat=True))


def _notices(outbounds: Iterable[Outbound], now: datetime) -> list[Entry]:
    """Return lines for what went out without a message of ours: acknowledgements, surveys, notices."""
    lone = [row for row in outbounds if row.message_id is None]
    return [
        Entry(
            delivery.outbound.created_at,
            line=Line("mail", f"{delivery.outbound.get_kind_display()}, {delivery.word}", delivery.why),
        )
        for delivery in deliveries_of(lone, now)
    ]


def _called(spoken: Iterable[Call], desk: Desk) -> list[Entry]:
    return [Entry(call.started_at, line=calls.line_of(call, me=desk.actor.user_id)) for call in spoken]


def _happened(events: Sequence[Event], messages: Sequence[Any], opened: Opened) -> list[Entry]:
    """Return the events worth a line; what a handover itself caused is told by the handover alone."""
    handed_over_at = {event.at for event in events if event.kind == "transfer"}
    told = [
        event
        for event in events
        if event.kind in sentences.SAY
        and not (event.at in handed_over_at and event.kind.startswith(("assignment.", "queue.")))
    ]
    authors = [message.author_user for message in messages if message.author_user]
    known = {user.pk: str(user) for user in [opened.desk.user, opened.ticket.assignee, *authors] if user}
    names = _names(told, known, opened.desk)
    lines = [(event, sentences.line_of(event, names)) for event in told]
    return [Entry(event.at, line=line) for event, line in lines if line is not None]


def _names(events: Sequence[Event], known: dict[int, str], desk: Desk) -> Names:
    """Look up the names that are not known already."""
    people = {user_id for event in events for user_id in sentences.people_in(event)} - known.keys()
    accounts: Any = get_user_model().objects.filter(pk__in=people) if people else ()
    handed: Any = ()
    if handover_ids := [e.data.get("handover") for e in events if e.kind == "transfer"]:
        handed = Handover.objects.filter(pk__in=handover_ids)
    queues = {pk: queue.label() for pk, queue in desk.queues.items()}
    places = {e.queue_id for e in events} | {e.data.get("from_queue") for e in events}
    if unknown := {pk for pk in places if pk} - queues.keys():
        queues |= {queue.pk: queue.label() for queue in Queue.objects.filter(pk__in=unknown)}
    return Names(
        me=desk.actor.user_id,
        people=known | {user.pk: str(user) for user in accounts},
        queues=queues,
        handovers={handover.pk: handover for handover in handed},
        now=desk.now,
    )


def _with_days(entries: Sequence[Entry], now: datetime) -> list[Entry]:
    dated: list[Entry] = []
    present: date | None = None
    for entry in entries:
        local = timezone.localtime(entry.at)
        if local.date() != present:
            present = local.date()
            dated.append(Entry(entry.at, day=wording.format_day(local, now=now)))
        dated.append(entry)
    return dated

"""Write N synthetic tickets with customers, contacts, messages and events, by COPY."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from helpdesk.history.words import Words
from tickets.channels.registry import form_slugs
from tickets.models import Channel, Queue, QueueMembership
from tickets.models.channels.channel import MAILBOX
from tickets.models.fields import ALPHABET

DAYS = 365
MESSAGES = 4
EVENTS = 8
ACTIVE_SHARE = 0.03
BATCH = 20_000


@dataclass(frozen=True)
class References:
    """What the history stands on: queues with a channel and people each, and the first free ids."""

    queues: list[int]
    channels: dict[int, int]
    people: dict[int, list[int]]
    first: dict[str, int]
    now: datetime
    seed: int


def load_history(count: int, *, now: datetime, seed: int = 1, say: Callable[[str], None] = print) -> int:
    """Add `count` closed and open tickets spread over a year; return how many messages that made.

    Raises:
        ValueError: there is no queue with a channel and a person in it yet.
    """
    refs = _read_references(now, seed)
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        with transaction.atomic():
            _load_batch(refs, start, size)
        say(f"{start + size} of {count} tickets")
    with connection.cursor() as cursor:
        for table in ("customer", "identity", "ticket", "participant", "contact", "message", "event"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('tickets_{table}', 'id'), "  # noqa: S608  (fixed names)
                f"(SELECT max(id) FROM tickets_{table}))"
            )
        cursor.execute("ANALYZE")
    return count * MESSAGES


def _read_references(now: datetime, seed: int) -> References:
    channels = {
        c.queue_id: c.pk for c in Channel.objects.filter(slug__in=(MAILBOX, *form_slugs())).order_by("-slug")
    }
    people: dict[int, list[int]] = {}
    for membership in QueueMembership.objects.live().filter(queue_id__in=channels):
        people.setdefault(membership.queue_id, []).append(membership.user_id)
    queues = [q for q in Queue.objects.values_list("pk", flat=True) if q in channels and q in people]
    if not queues:
        raise ValueError("Make a queue with a mailbox or form and a person in it first (or load_demo).")
    first = {}
    with connection.cursor() as cursor:
        for table in ("customer", "identity", "ticket", "participant", "contact", "message", "event"):
            cursor.execute(f"SELECT coalesce(max(id), 10000) + 1 FROM tickets_{table}")  # noqa: S608
            first[table] = cursor.fetchone()[0]
    return References(queues, channels, people, first, now, seed)


@dataclass
class _Row:
    """One synthetic ticket while its rows are written."""

    number: int
    ticket: int
    queue: int
    channel: int
    agent: int
    at: datetime
    is_active: bool


def _load_batch(refs: References, start: int, size: int) -> None:
    random = Random(refs.seed * 1_000_003 + start)
    words = Words(refs.seed + start)
    rows = [_row(refs, start + place, random) for place in range(size)]
    tables: list[tuple[str, str, Iterator[tuple[Any, ...]]]] = [
        ("customer", "id, public_id, name, language, is_demo, created_at",
         ((refs.first["customer"] + r.number, public_id(), words.name(), "en", False, r.at)
          for r in rows)),
        ("identity", "id, customer_id, kind, value, display, verified_at, verified_how, created_at",
         ((refs.first["identity"] + r.number, refs.first["customer"] + r.number, "email",
           f"customer{refs.first['customer'] + r.number}@history.example", "", r.at, "channel", r.at) for r in rows)),
        ("ticket", "id, public_id, subject, queue_id, channel_id, customer_id, language, state, priority, assignee_id, "
         "is_spam, custom, version, last_seq, created_at, updated_at, waiting_since, first_response_at, "
         "last_customer_at, solved_at, closed_at, reopened_count",
         (_ticket(refs, r, words, random) for r in rows)),
        ("participant", "id, ticket_id, customer_id, identity_id, public_id, role, state, created_at",
         ((refs.first["participant"] + r.number, r.ticket, refs.first["customer"] + r.number,
           refs.first["identity"] + r.number, public_id(), "requester", "accepted", r.at) for r in rows)),
        ("contact", "id, ticket_id, customer_id, channel_slug, is_live, started_at, ended_at",
         ((refs.first["contact"] + r.number, r.ticket, refs.first["customer"] + r.number, "email", False, r.at,
           None if r.is_active else r.at + timedelta(hours=3)) for r in rows)),
        ("message", "id, ticket_id, seq, public_id, kind, channel_slug, contact_id, author_user_id, author_customer_id, "
         "from_address, from_name, text, reply_text, html, html_safe, sanitiser, language, is_auto, auto_reason, is_held, "
         "needs_no_action, thread_layer, mail_id, facts, created_at",
         (m for r in rows for m in _messages(refs, r, words))),
        ("event", "id, ticket_id, kind, at, actor_kind, actor_id, contact_id, queue_id, channel, cause, data, is_audit",
         (e for r in rows for e in _events(refs, r))),
    ]  # fmt: skip
    for table, columns, values in tables:
        _copy(table, columns, values)


_ids = Random()


def public_id() -> str:
    """Return a random public id, faster than the real one."""
    return "".join(_ids.choices(ALPHABET, k=14))


def _row(refs: References, number: int, random: Random) -> _Row:
    queue = random.choice(refs.queues)
    is_active = random.random() < ACTIVE_SHARE
    age = timedelta(days=random.random() * (10 if is_active else DAYS), hours=1)
    return _Row(
        number=number,
        ticket=refs.first["ticket"] + number,
        queue=queue,
        channel=refs.channels[queue],
        agent=random.choice(refs.people[queue]),
        at=refs.now - age,
        is_active=is_active,
    )


def _ticket(refs: References, row: _Row, words: Words, random: Random) -> tuple[Any, ...]:
    last = row.at + timedelta(hours=MESSAGES - 1)
    state = random.choice(("new", "open", "pending")) if row.is_active else "closed"
    waits = row.at if state in ("new", "open") else None
    ended = None if row.is_active else last
    return (
        row.ticket, public_id(), words.subject(row.number), row.queue, row.channel, refs.first["customer"] + row.number,
        "en", state, 1, None if state == "new" else row.agent, False, Jsonb({}), 0, MESSAGES, row.at, last, waits,
        row.at + timedelta(hours=1), last, ended, ended, 0,
    )  # fmt: skip


def _messages(refs: References, row: _Row, words: Words) -> Iterator[tuple[Any, ...]]:
    customer = refs.first["customer"] + row.number
    for place in range(MESSAGES):
        inward = place % 2 == 0
        yield (
            refs.first["message"] + row.number * MESSAGES + place, row.ticket, place + 1, public_id(),
            "in" if inward else "out", "email", refs.first["contact"] + row.number, None if inward else row.agent,
            customer if inward else None, "", "", words.text(), "", "", "", "", "en", False, "", False, False, "", "",
            Jsonb({}), row.at + timedelta(hours=place),
        )  # fmt: skip


def _events(refs: References, row: _Row) -> Iterator[tuple[Any, ...]]:
    customer, contact = refs.first["customer"] + row.number, refs.first["contact"] + row.number
    first_message = refs.first["message"] + row.number * MESSAGES
    steps: list[tuple[str, int, str, str, dict[str, Any]]] = [
        ("ticket.created", 0, "customer", str(customer), {"customer": customer, "direction": "in"}),
        ("queue.entered", 0, "customer", str(customer), {"from_queue": None}),
        ("contact.start", 0, "customer", str(customer), {"is_live": False}),
    ]
    for place in range(MESSAGES):
        kind, actor_kind = ("message.in", "customer") if place % 2 == 0 else ("message.out", "user")
        data = {"message": first_message + place, "is_auto": False, "customer": customer}
        steps.append(
            (kind, place, actor_kind, str(customer if actor_kind == "customer" else row.agent), data)
        )
    if row.is_active:
        steps.append(("ticket.state", 1, "user", str(row.agent), {"from": "new", "to": "open"}))
    else:
        solved = {"from": "open", "to": "solved"}
        steps.append(("ticket.resolved", MESSAGES - 1, "user", str(row.agent), solved))
    for place, (kind, hours, actor_kind, actor, data) in enumerate(steps[:EVENTS]):
        yield (
            refs.first["event"] + row.number * EVENTS + place, row.ticket, kind, row.at + timedelta(hours=hours), actor_kind,
            actor, contact, row.queue, "email", "", Jsonb(data), False,
        )  # fmt: skip


def _copy(table: str, columns: str, values: Iterator[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        statement = f"COPY tickets_{table} ({columns}) FROM STDIN"
        with cursor.copy(statement) as copy:
            for value in values:
                copy.write_row(value)

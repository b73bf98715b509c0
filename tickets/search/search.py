"""Find tickets and people: by number, name, address or phone number, and by the words that were written.

Rare words are ranked. For common ones the newest tickets come first, looked for in a window of the latest
ones, so that a search costs about the same however much has been written. The planner's own estimate tells
rare from common.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.db.models import Prefetch, prefetch_related_objects

from tickets import prepared
from tickets.actor import Actor
from tickets.models import Customer, Identity, Queue, Ticket
from tickets.models.message import WITHDRAWN
from tickets.platform.sql import load_column, load_row, load_value
from tickets.prepared.people import PEOPLE, PRESENT, in_order, is_called
from tickets.search import gathered
from tickets.search.planning import has_message, planned_anew

SHOWN = 25
# Of the planner's estimate, up to which every match is looked at. A word it has never met it gives half a
# per cent of the rows, and each word is asked for in three forms.
RARE_ROWS, RARE_SHARE = 1500, 0.015
MAX_QUERY = 200
NUMBER = re.compile(r"#?\s?(\d{1,12})", re.ASCII)
PHONE = re.compile(r"[\d\s().\-/+\u00a0\u202f]{4,}")

ESTIMATE = """
EXPLAIN (FORMAT JSON) SELECT FROM tickets_message WHERE search @@ tandem_search_query(%s)
UNION ALL SELECT FROM tickets_message
"""
# Each gives one row: the tickets in sight, best first.
# The words stand apart: they are worked out once a run, by a plan made once for all words.
RANKED = f"""
WITH query AS MATERIALIZED (SELECT tandem_search_query(%(text)s) AS q),
hits AS (
    (SELECT m.ticket_id, ts_rank(m.search, (SELECT q FROM query)) AS rank FROM tickets_message m
     WHERE m.search @@ (SELECT q FROM query) AND NOT {WITHDRAWN} LIMIT 3000)
    UNION ALL
    (SELECT id, 2 * ts_rank(search, (SELECT q FROM query)) FROM tickets_ticket
     WHERE search @@ (SELECT q FROM query) LIMIT 3000)
    UNION ALL
    (SELECT tt.ticket_id, 2 FROM tickets_tag g JOIN tickets_ticket_tags tt ON tt.tag_id = g.id
     WHERE g.name = lower(%(text)s) ORDER BY tt.ticket_id DESC LIMIT 400)
),
best AS (
    SELECT ticket_id, max(rank) AS rank FROM hits
    GROUP BY ticket_id ORDER BY max(rank) DESC, ticket_id DESC LIMIT 500
)
SELECT ARRAY(
    SELECT t.id FROM best JOIN tickets_ticket t ON t.id = ticket_id
    WHERE t.merged_into_id IS NULL
        AND (%(sees_all)s OR t.queue_id = ANY (%(queues)s) OR t.assignee_id = %(me)s)
    ORDER BY rank DESC, t.id DESC LIMIT 25
) AS ids, (SELECT count(*) FROM best) < 500 AND (SELECT count(*) FROM hits) < 3000 AS is_all
"""  # noqa: S608  (a constant)
NEWEST = f"""
WITH query AS MATERIALIZED (SELECT tandem_search_query(%(text)s) AS q),
recent AS ({{branches}} ORDER BY updated_at DESC LIMIT 600)
SELECT ARRAY(
    SELECT id FROM recent
    WHERE search @@ (SELECT q FROM query)
       OR {has_message("recent.id", "(SELECT q FROM query)")}
       OR EXISTS (
           SELECT FROM tickets_tag g JOIN tickets_ticket_tags tt ON tt.tag_id = g.id
           WHERE g.name = lower(%(text)s) AND tt.ticket_id = recent.id
       )
    ORDER BY updated_at DESC LIMIT 50
) AS ids
"""  # noqa: S608  (a constant)
BRANCH = """(
    SELECT id, updated_at, search FROM tickets_ticket
    WHERE {column} = {value} AND merged_into_id IS NULL ORDER BY updated_at DESC LIMIT 600
)"""
REACHED = """
SELECT id FROM tickets_identity WHERE kind = %(kind)s AND value LIKE %(pattern)s ORDER BY id LIMIT 40
"""


class Ranked(NamedTuple):
    """The best tickets in sight, and whether every match was looked at."""

    ids: list[int]
    is_all: bool


@dataclass(frozen=True)
class Found:
    """What a search found. `ids` are tickets, best first; `is_capped`: there may be more, older ones."""

    number: Ticket | None = None
    people: list[Customer] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    is_capped: bool = False

    @property
    def is_empty(self) -> bool:
        return self.number is None and not self.people and not self.ids


def search(text: str, actor: Actor) -> Found:
    """Return what `text` may mean, among what the actor may see."""
    text = " ".join(text.replace("\x00", " ").split())[:MAX_QUERY]
    if not text:
        return Found()
    number = NUMBER.fullmatch(text)
    ticket = Ticket.objects.visible_to(actor).filter(pk=int(number[1])).first() if number else None
    if number and text.startswith("#"):
        return Found(ticket)
    ids, is_capped = find_words(text, actor)
    return Found(ticket, find_people(text, actor), ids, is_capped)


def find_people(text: str, actor: Actor) -> list[Customer]:
    """Return visible customers by name (accents and case do not matter), mail address or phone number."""
    if not actor.is_user:
        return []
    text, actor = text.replace("\x00", " "), _with_queues(actor)
    with planned_anew():
        found = {customer.pk: customer for customer in _named(text, actor)}
        reached = _reached_by(text) if len(found) < PEOPLE else []
    if reached:
        # An address that only other queues know finds nobody, not even a customer who is in sight by another.
        seen = Identity.objects.visible_to(actor).filter(pk__in=reached).values("customer")
        by_address = Customer.objects.visible_to(actor).filter(pk__in=seen, **PRESENT)
        found |= {c.pk: c for c in in_order(by_address)[:PEOPLE]}
    people = list(found.values())[:PEOPLE]
    if people:
        prefetch_related_objects(people, Prefetch("identities", Identity.objects.visible_to(actor)))
    return people


def find_words(text: str, actor: Actor) -> tuple[list[int], bool]:
    """Return up to 25 tickets with these words that an account may see; and whether there may be more."""
    if not actor.is_user:
        return [], False
    actor = _with_queues(actor)
    queues = actor.queues or ()
    ids = _gathered(text, actor, queues)
    is_all = False
    if is_rare(text):
        best = _ranked(text, actor, queues)
        ids, is_all = ids + best.ids, best.is_all
    if not is_all:
        ids += _newest(text, actor, queues)  # the newest in sight may not be among the best of all
    return list(dict.fromkeys(ids))[:SHOWN], not is_all


def is_rare(text: str) -> bool:
    """Say whether few messages have these words, by the planner; asking costs a fraction of a search."""
    found, every = estimate(text)
    return found <= max(RARE_ROWS, RARE_SHARE * every)


def estimate(text: str) -> tuple[int, int]:
    """Return how many messages the planner thinks have these words, and how many there are."""
    answer: Any = load_value(object, ESTIMATE, [text])
    found, every = answer[0]["Plan"]["Plans"]
    return int(found["Plan Rows"]), int(every["Plan Rows"])


def _gathered(text: str, actor: Actor, queues: Sequence[int]) -> list[int]:
    """Return tickets that hold several words in different places, or that an address or a number leads to."""
    if number := _with_number(text):
        reached = [(1, pk) for pk in gathered.seen_by(actor, number)]
        return gathered.find_gathered([text], reached, actor, queues) if reached else []
    words = gathered.split(text)
    addresses = [(place, word) for place, word in enumerate(words, 1) if "@" in word]
    if len(words) < 2 and not addresses:
        return []
    reached = [(place, pk) for place, word in addresses for pk in gathered.seen_by(actor, _reached_by(word))]
    return gathered.find_gathered(words, reached, actor, queues)


def _ranked(text: str, actor: Actor, queues: Sequence[int]) -> Ranked:
    values = {"text": text, "me": actor.user_id, "queues": list(queues), "sees_all": actor.is_administrator}
    return load_row(Ranked, RANKED, values)


def _newest(text: str, actor: Actor, queues: Sequence[int]) -> list[int]:
    """Look through the latest tickets of the actor's queues and their own."""
    # The queues are written out: a plan that knows them does not look through all tickets for an idle one's.
    branches = [BRANCH.format(column="queue_id", value=int(pk)) for pk in queues]
    branches.append(BRANCH.format(column="assignee_id", value="%(me)s"))
    statement = NEWEST.format(branches=" UNION ALL ".join(branches))
    ids: list[int] = load_value(list, statement, {"text": text, "me": actor.user_id})
    return list(dict.fromkeys(ids))[:SHOWN]  # one's own tickets stand in a queue as well


def _with_queues(actor: Actor) -> Actor:
    """Return a user whose queues have been read."""
    if actor.queues is not None:
        return actor
    return replace(actor, queues=tuple(Queue.objects.visible_to(actor).values_list("pk", flat=True)))


def _named(text: str, actor: Actor) -> list[Customer]:
    """Return customers by name: each word anywhere in it; one of one or two letters only where one begins."""
    words = text.split()[:5]
    long, short = tuple(w for w in words if len(w) > 2), tuple(w for w in words if len(w) <= 2)
    inner = tuple(f" {word}" for word in short)
    found = prepared.load_people_called(actor, long, short, inner)
    if len(found) == PEOPLE or not prepared.load_further_namesakes(long, short, inner):
        return found
    visible = Customer.objects.visible_to(actor).filter(is_called(long, short, inner), **PRESENT)
    return list(in_order(visible)[:PEOPLE])  # a very common name: those in sight may be none of the thousand


def _reached_by(text: str) -> list[int]:
    """Return identities whose mail address or phone number contains what was typed."""
    if number := _with_number(text):
        return number
    if len(text) > 2 and " " not in text:
        return list(dict.fromkeys(_with_value(Identity.Kind.EMAIL.value, text.lower())))
    return []


def _with_number(text: str) -> list[int]:
    """Return identities whose phone number contains what was typed, where that looks like one."""
    digits = re.sub(r"\D", "", text).lstrip("0") if PHONE.fullmatch(text) else ""
    return list(dict.fromkeys(_with_value(Identity.Kind.PHONE.value, digits))) if len(digits) >= 4 else []


def _with_value(kind: str, part: str) -> list[int]:
    pattern = re.sub(r"([\\%_])", r"\\\1", part)
    return load_column(int, REACHED, {"kind": kind, "pattern": f"%{pattern}%"})

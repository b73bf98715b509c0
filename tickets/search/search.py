"""Search tickets and customers: by number, name, address or phone number, and by words of messages.

Tickets with rare words are ranked. For common words only the latest tickets are searched and the newest come
first, so that a search costs about the same with any number of messages. The estimate of PostgreSQL's planner
decides whether words are rare.
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
from tickets.prepared.people import MAX_PEOPLE, PRESENT, match_name, sort_by_name
from tickets.search import across_fields
from tickets.search.planning import has_message, plan_per_execution

MAX_TICKETS = 25
# Up to this estimate every match is ranked. For a word without statistics the planner assumes 0.5 % of the
# rows, and each word is searched in three forms.
RARE_ROWS, RARE_SHARE = 1500, 0.015
MAX_QUERY = 200
NUMBER = re.compile(r"#?\s?(\d{1,12})", re.ASCII)
PHONE = re.compile(r"[\d\s().\-/+\u00a0\u202f]{4,}")

ESTIMATE = """
EXPLAIN (FORMAT JSON) SELECT FROM tickets_message WHERE search @@ tandem_search_query(%s)
UNION ALL SELECT FROM tickets_message
"""
# The statements below return one row: the ids of visible tickets, best first.
# The query's words are a CTE of their own, so that they are parsed once and the plan does not depend on them.
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
IDENTITIES = """
SELECT id FROM tickets_identity WHERE kind = %(kind)s AND value LIKE %(pattern)s ORDER BY id LIMIT 40
"""


class RankedTickets(NamedTuple):
    """The ids of the best visible tickets, and whether every match was ranked (`is_all`)."""

    ids: list[int]
    is_all: bool


@dataclass(frozen=True)
class SearchResult:
    """The result of a search.

    - `number`: the ticket with this number.
    - `people`: customers.
    - `ids`: tickets, best first; `is_capped` if there may be more, older ones.
    """

    number: Ticket | None = None
    people: list[Customer] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    is_capped: bool = False

    @property
    def is_empty(self) -> bool:
        return self.number is None and not self.people and not self.ids


def find_everything(text: str, actor: Actor) -> SearchResult:
    """Return the ticket by number, the customers and the tickets that match `text` and the actor may see."""
    text = " ".join(text.replace("\x00", " ").split())[:MAX_QUERY]
    if not text:
        return SearchResult()
    number = NUMBER.fullmatch(text)
    ticket = Ticket.objects.visible_to(actor).filter(pk=int(number[1])).first() if number else None
    if number and text.startswith("#"):
        return SearchResult(ticket)
    ids, is_capped = find_words(text, actor)
    return SearchResult(ticket, find_people(text, actor), ids, is_capped)


def find_people(text: str, actor: Actor) -> list[Customer]:
    """Return the first visible customers by name, mail address or phone number.

    Accents and case do not matter. The identities that the actor may see are prefetched.
    """
    if not actor.is_user:
        return []
    text, actor = text.replace("\x00", " "), _with_queues(actor)
    with plan_per_execution():
        matches = {customer.pk: customer for customer in _find_named(text, actor)}
        identities = _find_identities(text) if len(matches) < MAX_PEOPLE else []
    if identities:
        # An address that only other queues know finds nobody, even if its customer is visible otherwise.
        visible = Identity.objects.visible_to(actor).filter(pk__in=identities).values("customer")
        by_address = Customer.objects.visible_to(actor).filter(pk__in=visible, **PRESENT)
        matches |= {customer.pk: customer for customer in sort_by_name(by_address)[:MAX_PEOPLE]}
    people = list(matches.values())[:MAX_PEOPLE]
    if people:
        prefetch_related_objects(people, Prefetch("identities", Identity.objects.visible_to(actor)))
    return people


def find_words(text: str, actor: Actor) -> tuple[list[int], bool]:
    """Return up to 25 ids of visible tickets with these words, and whether there may be more."""
    if not actor.is_user:
        return [], False
    actor = _with_queues(actor)
    queues = actor.queues or ()
    ids = _find_across_fields(text, actor, queues)
    is_all = False
    if is_rare(text):
        best = _find_ranked(text, actor, queues)
        ids, is_all = ids + best.ids, best.is_all
    if not is_all:
        ids += _find_newest(text, actor, queues)  # the best of all tickets may not include visible ones
    return list(dict.fromkeys(ids))[:MAX_TICKETS], not is_all


def is_rare(text: str) -> bool:
    """Tell whether few messages contain these words, by the planner's estimate; it costs little."""
    matching, total = estimate_rows(text)
    return matching <= max(RARE_ROWS, RARE_SHARE * total)


def estimate_rows(text: str) -> tuple[int, int]:
    """Return the planner's estimates: messages with these words, and all messages."""
    explanation: Any = load_value(object, ESTIMATE, [text])
    matching, total = explanation[0]["Plan"]["Plans"]
    return int(matching["Plan Rows"]), int(total["Plan Rows"])


def _find_across_fields(text: str, actor: Actor, queues: Sequence[int]) -> list[int]:
    """Return ids of tickets with several words in different fields, or of an address or phone number."""
    if number := _find_by_number(text):
        reached = [(1, pk) for pk in across_fields.filter_visible(actor, number)]
        return across_fields.find_across_fields([text], reached, actor, queues) if reached else []
    words = across_fields.split_words(text)
    addresses = [(place, word) for place, word in enumerate(words, 1) if "@" in word]
    if len(words) < 2 and not addresses:
        return []
    reached = [
        (place, pk)
        for place, word in addresses
        for pk in across_fields.filter_visible(actor, _find_identities(word))
    ]
    return across_fields.find_across_fields(words, reached, actor, queues)


def _find_ranked(text: str, actor: Actor, queues: Sequence[int]) -> RankedTickets:
    values = {"text": text, "me": actor.user_id, "queues": list(queues), "sees_all": actor.is_administrator}
    return load_row(RankedTickets, RANKED, values)


def _find_newest(text: str, actor: Actor, queues: Sequence[int]) -> list[int]:
    """Search the latest tickets of the actor's queues, and those assigned to them."""
    # The queues' ids are constants in the statement: a plan for unknown ids would read all tickets to find
    # those of a queue that has few.
    branches = [BRANCH.format(column="queue_id", value=int(pk)) for pk in queues]
    branches.append(BRANCH.format(column="assignee_id", value="%(me)s"))
    statement = NEWEST.format(branches=" UNION ALL ".join(branches))
    ids: list[int] = load_value(list, statement, {"text": text, "me": actor.user_id})
    return list(dict.fromkeys(ids))[:MAX_TICKETS]  # a ticket of the actor's may also be in their queues


def _with_queues(actor: Actor) -> Actor:
    """Return a user whose queues have been read."""
    if actor.queues is not None:
        return actor
    return replace(actor, queues=tuple(Queue.objects.visible_to(actor).values_list("pk", flat=True)))


def _find_named(text: str, actor: Actor) -> list[Customer]:
    """Return visible customers whose name contains each word.

    A word of one or two letters must be the beginning of a part of the name.
    """
    words = text.split()[:5]
    long, short = tuple(w for w in words if len(w) > 2), tuple(w for w in words if len(w) <= 2)
    inner = tuple(f" {word}" for word in short)
    matches = prepared.load_people_called(actor, long, short, inner)
    if len(matches) == MAX_PEOPLE or not prepared.load_further_namesakes(long, short, inner):
        return matches
    # A very common name: the visible customers may not be among the first thousand.
    visible = Customer.objects.visible_to(actor).filter(match_name(long, short, inner), **PRESENT)
    return list(sort_by_name(visible)[:MAX_PEOPLE])


def _find_identities(text: str) -> list[int]:
    """Return ids of identities whose mail address or phone number contains the text."""
    if number := _find_by_number(text):
        return number
    if len(text) > 2 and " " not in text:
        return list(dict.fromkeys(_find_by_value(Identity.Kind.EMAIL.value, text.lower())))
    return []


def _find_by_number(text: str) -> list[int]:
    """Return ids of identities whose phone number contains the text, if it looks like a phone number."""
    digits = re.sub(r"\D", "", text).lstrip("0") if PHONE.fullmatch(text) else ""
    return list(dict.fromkeys(_find_by_value(Identity.Kind.PHONE.value, digits))) if len(digits) >= 4 else []


def _find_by_value(kind: str, part: str) -> list[int]:
    pattern = re.sub(r"([\\%_])", r"\\\1", part)
    return load_column(int, IDENTITIES, {"kind": kind, "pattern": f"%{pattern}%"})

"""Find tickets and people: by number, name, address or phone number, and by the words that were written.

Rare words are ranked. For common ones the newest tickets come first, looked for in a window of the latest
ones, so that a search costs about the same however much has been written. The planner's own estimate tells
rare from common.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import CharField, Q, QuerySet, Value

from tickets.actor import Actor
from tickets.models import Customer, Identity, Queue, Ticket
from tickets.models.functions import SortKey
from tickets.models.ticket import TicketQuerySet

SHOWN = 25
PEOPLE = 8
RARE_ROWS, RARE_SHARE = 1500, 0.01  # of the planner's estimate, up to which every match is looked at
CANDIDATES = 500  # as the statement below says
WINDOW = 600
MAX_QUERY = 200
NUMBER = re.compile(r"#?\s?(\d{1,12})", re.ASCII)
PHONE = re.compile(r"[\d\s().\-/+\u00a0\u202f]{4,}")

ESTIMATE = """
EXPLAIN (FORMAT JSON) SELECT FROM tickets_message WHERE search @@ tandem_search_query(%s)
UNION ALL SELECT FROM tickets_message
"""
RANKED = """
WITH query AS (SELECT tandem_search_query(%(text)s) AS q),
hits AS (
    (SELECT ticket_id, ts_rank(search, q) AS rank FROM query, tickets_message WHERE search @@ q LIMIT 3000)
    UNION ALL
    (SELECT id, 2 * ts_rank(search, q) FROM query, tickets_ticket WHERE search @@ q LIMIT 3000)
)
SELECT ticket_id FROM hits GROUP BY ticket_id ORDER BY max(rank) DESC, ticket_id DESC LIMIT 500
"""
NEWEST = """
WITH query AS (SELECT tandem_search_query(%(text)s) AS q),
recent AS ({branches} ORDER BY updated_at DESC LIMIT {window})
SELECT recent.id FROM query, recent
WHERE recent.search @@ q
   OR EXISTS (SELECT FROM tickets_message m WHERE m.ticket_id = recent.id AND m.search @@ q)
ORDER BY recent.updated_at DESC LIMIT {limit}
"""
BRANCH = """(
    SELECT id, updated_at, search FROM tickets_ticket WHERE {column} = {value}
    ORDER BY updated_at DESC LIMIT {window}
)"""


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


def find(text: str, actor: Actor) -> Found:
    """Return what `text` may mean, among what the actor may see."""
    text = " ".join(text.replace("\x00", " ").split())[:MAX_QUERY]
    if not text:
        return Found()
    visible = Ticket.objects.visible_to(actor)
    number = NUMBER.fullmatch(text)
    ticket = visible.filter(pk=int(number[1])).first() if number else None
    if number and text.startswith("#"):
        return Found(ticket)
    ids, is_capped = find_words(text, actor, visible)
    return Found(ticket, find_people(text, actor), ids, is_capped)


def find_people(text: str, actor: Actor, *, limit: int = PEOPLE) -> list[Customer]:
    """Return visible customers by name (accents and case do not matter), mail address or phone number."""
    visible = Customer.objects.visible_to(actor).filter(merged_into=None, erased_at=None)
    named = visible.filter(_is_called(text)).order_by("sort_key", "pk").prefetch_related("identities")
    found = {customer.pk: customer for customer in named[:limit]}
    if len(found) < limit and (reached := _reached_by(text)):
        by_address = visible.filter(pk__in=reached).order_by("sort_key", "pk")
        found |= {c.pk: c for c in by_address.prefetch_related("identities")[:limit]}
    return list(found.values())[:limit]


def find_words(text: str, actor: Actor, visible: TicketQuerySet) -> tuple[list[int], bool]:
    """Return up to 25 visible tickets with these words, and whether only the newest were looked at."""
    if not is_rare(text):
        ids = _newest(text, actor)
        return _in_sight(ids, visible), True
    ids = _ranked(text)
    return _in_sight(ids, visible), len(ids) == CANDIDATES


def is_rare(text: str) -> bool:
    """Say whether few messages have these words, by the planner; asking costs a fraction of a search.

    Of a word it has never met the planner says that half a per cent of the rows have it.
    """
    found, every = estimate(text)
    return found <= max(RARE_ROWS, RARE_SHARE * every)


def estimate(text: str) -> tuple[int, int]:
    """Return how many messages the planner thinks have these words, and how many there are."""
    with connection.cursor() as cursor:
        cursor.execute(ESTIMATE, [text])
        ((answer,),) = cursor.fetchall()
    found, every = answer[0]["Plan"]["Plans"]
    return int(found["Plan Rows"]), int(every["Plan Rows"])


def _ranked(text: str) -> list[int]:
    return _ids(RANKED, {"text": text})


def _newest(text: str, actor: Actor) -> list[int]:
    """Look through the latest tickets of the actor's queues and their own."""
    queues = actor.queues
    if queues is None:
        queues = tuple(Queue.objects.visible_to(actor).values_list("pk", flat=True))
    values: dict[str, str | int | None] = {f"queue_{pk}": pk for pk in queues}
    branches = [BRANCH.format(column="queue_id", value=f"%({name})s", window=WINDOW) for name in values]
    branches.append(BRANCH.format(column="assignee_id", value="%(me)s", window=WINDOW))
    statement = NEWEST.format(branches=" UNION ALL ".join(branches), window=WINDOW, limit=2 * SHOWN)
    return _ids(statement, {**values, "text": text, "me": actor.user_id})


def _ids(statement: str, values: dict[str, str | int | None]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(dict.fromkeys(pk for (pk,) in cursor.fetchall()))


def _in_sight(ids: Sequence[int], visible: TicketQuerySet) -> list[int]:
    """Keep the visible ones, in their order."""
    seen = set(visible.filter(pk__in=ids, merged_into=None).values_list("pk", flat=True)) if ids else set()
    return [pk for pk in ids if pk in seen][:SHOWN]


def _is_called(text: str) -> Q:
    """Match each word anywhere in the name; one of one or two letters only where a name begins."""
    matching = Q()
    for word in text.split()[:5]:
        if len(word) > 2:
            matching &= Q(sort_key__contains=_folded(word))
        else:
            matching &= Q(sort_key__startswith=_folded(word)) | Q(sort_key__contains=_folded(f" {word}"))
    return matching


def _folded(word: str) -> SortKey:
    return SortKey(Value(word, output_field=CharField()))


def _reached_by(text: str) -> list[int]:
    """Return customers whose mail address or phone number contains what was typed."""
    digits = re.sub(r"\D", "", text).lstrip("0") if PHONE.fullmatch(text) else ""
    if len(digits) >= 4:
        rows = Identity.objects.filter(kind=Identity.Kind.PHONE, value__contains=digits)
    elif len(text) > 2 and " " not in text:
        rows = Identity.objects.filter(kind=Identity.Kind.EMAIL, value__contains=text.lower())
    else:
        return []
    return _customers(rows)


def _customers(rows: QuerySet[Identity]) -> list[int]:
    return list(dict.fromkeys(rows.values_list("customer_id", flat=True)[: PEOPLE * 5]))

"""Search tickets whose matches are in different fields: customer, address, tag, subject, message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tickets.actor import Actor
from tickets.models import Identity
from tickets.platform.sql import load_column
from tickets.search.planning import has_message

MAX_WORDS = 6
OPERATORS = re.compile(r'"|(^|\s)-')

# Candidates come from names, addresses and tags, whose indexes return few rows. Each of them is then checked
# for every word. A stop word ("the") matches everywhere (numnode is 0).
ACROSS_FIELDS = f"""
WITH words AS MATERIALIZED (
    SELECT n, word, tandem_search_query(word) AS q, tandem_sort_key('%%' || escaped || '%%') AS pattern
    FROM unnest(%(words)s::text[], %(escaped)s::text[]) WITH ORDINALITY AS given(word, escaped, n)
),
reached AS MATERIALIZED (
    SELECT * FROM unnest(%(reached_words)s::int[], %(reached)s::bigint[]) AS r(n, identity_id)
),
people AS MATERIALIZED (
    SELECT w.n, c.id FROM words w CROSS JOIN LATERAL (
        SELECT id FROM tickets_customer
        WHERE sort_key LIKE w.pattern AND merged_into_id IS NULL AND erased_at IS NULL LIMIT 300
    ) c WHERE length(w.word) > 2
),
tagged AS MATERIALIZED (
    SELECT w.n, g.id FROM words w JOIN tickets_tag g ON g.name = lower(w.word)
),
by_name AS (
    SELECT t.id, p.matched FROM (SELECT id, count(*) AS matched FROM people GROUP BY id) p
    JOIN tickets_ticket t ON t.customer_id = p.id
    ORDER BY p.matched DESC, t.id DESC LIMIT 400
),
by_tag AS (
    SELECT tt.ticket_id AS id FROM tickets_ticket_tags tt
    WHERE tt.tag_id IN (SELECT id FROM tagged) ORDER BY tt.ticket_id DESC LIMIT 400
),
by_address AS (
    SELECT p.ticket_id AS id FROM tickets_participant p
    WHERE p.identity_id IN (SELECT identity_id FROM reached) ORDER BY p.ticket_id DESC LIMIT 400
),
candidates AS (
    SELECT id FROM by_name UNION SELECT id FROM by_tag UNION SELECT id FROM by_address
)
SELECT t.id FROM candidates JOIN tickets_ticket t USING (id)
WHERE t.merged_into_id IS NULL
  AND (%(sees_all)s OR t.queue_id = ANY (%(queues)s) OR t.assignee_id = %(me)s)
  AND NOT EXISTS (SELECT FROM words w WHERE NOT (
      numnode(w.q) = 0
      OR EXISTS (SELECT FROM people p WHERE p.n = w.n AND p.id = t.customer_id)
      OR EXISTS (SELECT FROM tagged g JOIN tickets_ticket_tags tt ON tt.tag_id = g.id
                 WHERE g.n = w.n AND tt.ticket_id = t.id)
      OR EXISTS (SELECT FROM reached r JOIN tickets_participant p ON p.identity_id = r.identity_id
                 WHERE r.n = w.n AND p.ticket_id = t.id)
      OR t.search @@ w.q
      OR {has_message("t.id", "w.q")}))
ORDER BY t.updated_at DESC LIMIT 25
"""  # noqa: S608  (a constant)


def find_across_fields(
    words: Sequence[str], reached: Sequence[tuple[int, int]], actor: Actor, queues: Sequence[int]
) -> list[int]:
    """Return up to 25 ids of visible tickets that contain every word in some field, latest change first.

    `reached` has pairs (position of a word, from 1; id of an identity whose address or number it is).
    `queues` are the ids of the actor's queues.
    """
    values: dict[str, Any] = {
        "words": list(words),
        "escaped": [re.sub(r"([\\%_])", r"\\\1", word) for word in words],
        "reached_words": [place for place, _identity in reached],
        "reached": [identity for _place, identity in reached],
        "queues": list(queues),
        "me": actor.user_id,
        "sees_all": actor.is_administrator,
    }
    return load_column(int, ACROSS_FIELDS, values)


def split_words(text: str) -> list[str]:
    """Return the words to search across fields; none if quotes or a minus ask for an exact search."""
    words = list(dict.fromkeys(text.split()))
    return [] if OPERATORS.search(text) or len(words) > MAX_WORDS else words


def filter_visible(actor: Actor, identities: Sequence[int]) -> list[int]:
    """Return the ids among `identities` that the actor may see."""
    if not identities:
        return []
    return list(Identity.objects.visible_to(actor).filter(pk__in=identities).values_list("pk", flat=True))

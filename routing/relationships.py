"""Derive from the log who has answered whom, how often and when last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction

from routing.models import RelationshipMark
from routing.rows import changed

# Transactions that were still running when the log was last read are read again.
OVERLAP = timedelta(minutes=5)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

PEOPLE = """
SELECT DISTINCT t.customer_id FROM tickets_event e JOIN tickets_ticket t ON t.id = e.ticket_id
WHERE e.kind IN ('message.out', 'call.logged') AND e.at > %(since)s
"""

DERIVE = """
INSERT INTO routing_relationship AS r (agent_id, customer_id, times, first_at, last_at)
SELECT a.id, s.customer_id, count(DISTINCT s.ticket_id), min(s.at), max(s.at)
FROM (SELECT t.customer_id, t.id AS ticket_id, m.author_user_id AS user_id, m.created_at AS at
      FROM tickets_message m JOIN tickets_ticket t ON t.id = m.ticket_id
      WHERE m.kind = 'out' AND m.author_user_id IS NOT NULL AND {people}
      UNION ALL
      SELECT t.customer_id, t.id, c.agent_id, c.started_at
      FROM tickets_call c JOIN tickets_ticket t ON t.id = c.ticket_id
      WHERE c.agent_id IS NOT NULL AND c.result = 'answered' AND {people}) s
JOIN routing_agent a ON a.user_id = s.user_id
GROUP BY a.id, s.customer_id
ON CONFLICT (customer_id, agent_id) DO UPDATE
SET times = excluded.times, first_at = excluded.first_at, last_at = excluded.last_at
WHERE (r.times, r.last_at) IS DISTINCT FROM (excluded.times, excluded.last_at)
"""


def refresh(now: datetime) -> int:
    """Read what is new in the log; return how many relationships changed."""
    with transaction.atomic():
        mark = RelationshipMark.objects.select_for_update().first()
        if mark is None:
            mark = RelationshipMark(read_until=BEGINNING)
        since = mark.read_until - OVERLAP if mark.pk else BEGINNING
        derived = changed(DERIVE.format(people=f"t.customer_id IN ({PEOPLE})"), {"since": since})
        mark.read_until = now
        mark.save()
    return derived


def rebuild(customer_ids: Sequence[int] | None = None) -> int:
    """Derive again from all that was said, for some customers or everybody; return how many changed."""
    if customer_ids is None:
        return changed(DERIVE.format(people="TRUE"), {})
    people = "t.customer_id = ANY(%(customers)s)"
    return changed(DERIVE.format(people=people), {"customers": list(customer_ids)})

"""Who is there in each queue at a moment: the relation that statements of other packages read."""

from __future__ import annotations

from routing.queries.conditions import MAY_WORK, ON_LEAVE, ON_SHIFT, THERE
from tickets.queries.relations import ACCOUNTS, LIVE_MEMBERSHIPS

# A row a queue at the moment `%(now)s`: how many are there, how many are planned, and the share of the
# capacity of those there that is in use (NULL where nobody is).
STAFFING = f"""(
    WITH hands AS (
        SELECT agent_id, count(*) AS mails
        FROM routing_workitem
        WHERE state = 'taken' AND kind NOT IN ('chat', 'callback')
        GROUP BY agent_id
    )
    SELECT
        m.queue_id,
        count(*) FILTER (WHERE {THERE} AND p.status <> 'away') AS there,
        count(*) FILTER (WHERE {MAY_WORK} AND {ON_SHIFT} AND NOT {ON_LEAVE}) AS planned,
        avg(least(1, greatest(
            coalesce(h.mails, 0)::float / greatest(a.places, 1), (100 - p.free_units) / 100.0
        ))) FILTER (WHERE {THERE} AND p.status <> 'away') AS busy
    FROM routing_agent a
    JOIN {ACCOUNTS} u ON u.id = a.user_id
    JOIN {LIVE_MEMBERSHIPS} m ON m.user_id = u.id
    LEFT JOIN routing_presence p ON p.agent_id = a.id
    LEFT JOIN hands h ON h.agent_id = a.id
    WHERE m.role = 'agent'
    GROUP BY m.queue_id
)"""  # noqa: S608  (the pieces are constants)

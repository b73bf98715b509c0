"""SQL conditions on where people are: one wording for reconciling, returning and the snapshot.

They speak of an agent `a`, its account `u`, its presence `p` and a moment `%(now)s`.
"""

from datetime import timedelta

from tickets.queries.relations import LIVE_MEMBERSHIPS

QUIET_AFTER = timedelta(minutes=5)  # a chat in which the customer says nothing for so long hardly counts

ON_LEAVE = "EXISTS (SELECT FROM routing_leave l WHERE l.agent_id = a.id AND l.during @> %(now)s)"

ON_SHIFT = """(a.schedule = 'free'
    OR EXISTS (SELECT FROM routing_shift s WHERE s.agent_id = a.id AND s.during @> %(now)s))"""

MAY_WORK = "(a.is_active AND u.is_active)"

# At their desk, or away from it for a while: connected, on shift, and not signed off.
THERE = f"""({MAY_WORK} AND coalesce(p.is_connected, FALSE) AND p.status <> 'offline'
    AND {ON_SHIFT} AND NOT {ON_LEAVE})"""


def member_of(queue: str) -> str:
    """Return the condition that the account may work in a queue, named by an SQL expression."""
    return f"""(u.is_superuser OR EXISTS (SELECT FROM {LIVE_MEMBERSHIPS} m
        WHERE m.user_id = u.id AND m.queue_id = {queue}))"""

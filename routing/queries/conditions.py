"""SQL conditions on agents' presence, shared by reconciliation, reclaim and the snapshot.

They use the aliases `a` (agent), `u` (account) and `p` (presence), and the parameter `%(now)s`.
"""

from datetime import timedelta

from tickets.queries.relations import LIVE_MEMBERSHIPS

QUIET_AFTER = timedelta(minutes=5)  # a chat without a customer's message for so long hardly counts

ON_LEAVE = "EXISTS (SELECT FROM routing_leave l WHERE l.agent_id = a.id AND l.during @> %(now)s)"

ON_SHIFT = """(a.schedule = 'free'
    OR EXISTS (SELECT FROM routing_shift s WHERE s.agent_id = a.id AND s.during @> %(now)s))"""

MAY_WORK = "(a.is_active AND u.is_active)"

# Present, or away for a short time: connected, on shift, and not offline.
THERE = f"""({MAY_WORK} AND coalesce(p.is_connected, FALSE) AND p.status <> 'offline'
    AND {ON_SHIFT} AND NOT {ON_LEAVE})"""


def member_of(queue: str) -> str:
    """Return the condition that the account may work in a queue, named by an SQL expression."""
    return f"""(u.is_superuser OR EXISTS (SELECT FROM {LIVE_MEMBERSHIPS} m
        WHERE m.user_id = u.id AND m.queue_id = {queue}))"""

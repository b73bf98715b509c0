"""Who knows the customers of what waits, as the engine takes it: relationships, keepers, the case's owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from routing.engine import Known
from routing.models import Presence, Relationship
from tickets.platform.sql import format_array, load_rows

TOLD = """
SELECT customer_id, agent_id, role, times, first_at, last_at FROM routing_relationship
WHERE customer_id = ANY(%(customers)s::bigint[]) ORDER BY customer_id, agent_id
"""


class KnownCustomer(NamedTuple):
    """What an agent and a customer had to do with one another."""

    customer_id: int
    agent_id: int
    role: str
    times: int
    first_at: datetime | None
    last_at: datetime | None


def load_known_agents(customer_ids: Sequence[int]) -> dict[int, list[Known]]:
    """Return by customer the agents who know them, marking the one who looks after them now."""
    known: dict[int, list[Known]] = defaultdict(list)
    rows = load_rows(KnownCustomer, TOLD, {"customers": format_array(set(customer_ids))})
    keepers = _keepers(rows)
    for row in rows:
        last_at = row.last_at.timestamp() if row.last_at else None
        first_at = row.first_at.timestamp() if row.first_at else None
        keeps = keepers.get(row.customer_id) == row.agent_id
        known[row.customer_id].append(Known(row.agent_id, row.times, last_at, keeps, first_at))
    return known


def mark_owner(known: Sequence[Known], owner: int | None) -> tuple[Known, ...]:
    """Return the customer's known agents, marking the owner of the item."""
    if owner is None:
        return tuple(known)
    mine = next((relation for relation in known if relation.agent == owner), Known(owner))
    others = [relation for relation in known if relation.agent != owner]
    return (*others, replace(mine, owns_case=True))


def _keepers(rows: Sequence[KnownCustomer]) -> dict[int, int]:
    """Return who looks after each customer now: the owner, or who stands in while the owner is away."""
    roles = {(row.customer_id, row.role): row.agent_id for row in rows if row.role}
    owners = {agent for (_customer, role), agent in roles.items() if role == Relationship.Role.OWNER}
    if not roles:
        return {}
    there = set(
        Presence.objects.filter(agent__in=owners, is_connected=True, status__in=("available", "focus"))
        .values_list("pk", flat=True)
    )  # fmt: skip
    keepers: dict[int, int] = {}
    for (customer, role), agent in sorted(roles.items()):
        owner = roles.get((customer, Relationship.Role.OWNER))
        if role == Relationship.Role.OWNER or owner not in there:
            keepers.setdefault(customer, agent)
        if role == Relationship.Role.OWNER and agent in there:
            keepers[customer] = agent
    return keepers

"""How fast the router gives out a morning's backlog."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpdesk.bench import live_routing
from routing.benchmarks import backlog


def measure_route(*, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Route 5,000 waiting tickets to 200 agents, then chats to up to 10,000 people on the real stack.

    The first figures are assignments a second, queries and the engine's share; `live` holds the others.
    """
    say("5,000 waiting tickets, 200 agents")
    figures: dict[str, Any] = backlog.measure_backlog(tickets=5_000, agents=200)
    figures["live"] = live_routing.measure_live_routing(say=say)
    return figures

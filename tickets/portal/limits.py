"""How often one browser or one address may do something on the public pages; counted in PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest

from tickets.customers.mail_addresses import find_request_network
from tickets.limits import rate_limits
from tickets.limits.rate_limits import Limit
from tickets.platform.crypto import digest

TEN_MINUTES = timedelta(minutes=10)
DAY = timedelta(days=1)
EVERYBODY = Limit("form:all", 1000, TEN_MINUTES)


def writing(request: HttpRequest, address: str, *, now: datetime) -> None:
    """Count a sent form. Raises TooMany for one place, one address, or everybody together."""
    place, goal = f"form:ip:{find_request_network(request)}", f"form:to:{digest(address)[:32]}"
    steps = [Limit(place, 10, TEN_MINUTES), Limit(goal, 6, TEN_MINUTES), Limit(goal, 30, DAY)]
    rate_limits.enforce_limits([*steps, EVERYBODY], now=now)


def again(request: HttpRequest, token: str, *, now: datetime) -> None:
    """Count a form that was sent before: harmless, unless somebody goes on and on. Raises TooMany."""
    place = Limit(f"form:again:ip:{find_request_network(request)}", 30, TEN_MINUTES)
    steps = [Limit(f"form:again:{digest(token)[:32]}", 20, TEN_MINUTES), place]
    rate_limits.enforce_limits([*steps, EVERYBODY], now=now)


def following(request: HttpRequest, link_id: int, *, now: datetime) -> None:
    """Count something sent from a customer's own page. Raises TooMany."""
    place = Limit(f"page:ip:{find_request_network(request)}", 60, TEN_MINUTES)
    rate_limits.enforce_limits([place, Limit(f"page:link:{link_id}", 20, TEN_MINUTES)], now=now)


def asking_for_a_link(request: HttpRequest, address: str, *, now: datetime) -> None:
    """Count a wish for a link by mail. Raises TooMany."""
    place = Limit(f"ask:ip:{find_request_network(request)}", 10, TEN_MINUTES)
    rate_limits.enforce_limits([place, Limit(f"ask:to:{digest(address)[:32]}", 3, TEN_MINUTES)], now=now)


def wrong_token(request: HttpRequest, *, now: datetime) -> None:
    """Count a link that leads nowhere. Raises TooMany for somebody who tries many."""
    rate_limits.enforce_limit(f"token:ip:{find_request_network(request)}", limit=30, per=TEN_MINUTES, now=now)

"""Rate limits of the public pages, by network, by address and in total; counted in PostgreSQL."""

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


def count_form(request: HttpRequest, address: str, *, now: datetime) -> None:
    """Count a submitted form, by network, by address, and in total. Raises TooMany."""
    network, to = f"form:ip:{find_request_network(request)}", f"form:to:{digest(address)[:32]}"
    limits = [Limit(network, 10, TEN_MINUTES), Limit(to, 6, TEN_MINUTES), Limit(to, 30, DAY)]
    rate_limits.enforce_limits([*limits, EVERYBODY], now=now)


def count_repeated_form(request: HttpRequest, token: str, *, now: datetime) -> None:
    """Count a repeated submission of the same form, which has higher limits. Raises TooMany."""
    by_network = Limit(f"form:again:ip:{find_request_network(request)}", 30, TEN_MINUTES)
    limits = [Limit(f"form:again:{digest(token)[:32]}", 20, TEN_MINUTES), by_network]
    rate_limits.enforce_limits([*limits, EVERYBODY], now=now)


def count_page_message(request: HttpRequest, link_id: int, *, now: datetime) -> None:
    """Count a message sent from a customer's own page. Raises TooMany."""
    by_network = Limit(f"page:ip:{find_request_network(request)}", 60, TEN_MINUTES)
    rate_limits.enforce_limits([by_network, Limit(f"page:link:{link_id}", 20, TEN_MINUTES)], now=now)


def count_link_request(request: HttpRequest, address: str, *, now: datetime) -> None:
    """Count a request for a link by mail. Raises TooMany."""
    by_network = Limit(f"ask:ip:{find_request_network(request)}", 10, TEN_MINUTES)
    rate_limits.enforce_limits([by_network, Limit(f"ask:to:{digest(address)[:32]}", 3, TEN_MINUTES)], now=now)


def count_wrong_token(request: HttpRequest, *, now: datetime) -> None:
    """Count an invalid link, to stop somebody who tries many. Raises TooMany."""
    rate_limits.enforce_limit(f"token:ip:{find_request_network(request)}", limit=30, per=TEN_MINUTES, now=now)

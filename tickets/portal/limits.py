"""How often one browser or one address may do something on the public pages; counted in PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest

from tickets import rates
from tickets.addresses import remote_address
from tickets.crypto import digest

TEN_MINUTES = timedelta(minutes=10)
DAY = timedelta(days=1)


def writing(request: HttpRequest, address: str, *, now: datetime) -> None:
    """Count a sent form. Raises TooMany for one place, one address, or everybody together."""
    rates.demand(f"form:ip:{remote_address(request)}", limit=10, per=TEN_MINUTES, now=now)
    rates.demand(f"form:to:{digest(address)[:32]}", limit=6, per=TEN_MINUTES, now=now)
    rates.demand(f"form:to:{digest(address)[:32]}", limit=30, per=DAY, now=now)
    rates.demand("form:all", limit=1000, per=TEN_MINUTES, now=now)


def following(request: HttpRequest, link_id: int, *, now: datetime) -> None:
    """Count something sent from a customer's own page. Raises TooMany."""
    rates.demand(f"page:ip:{remote_address(request)}", limit=60, per=TEN_MINUTES, now=now)
    rates.demand(f"page:link:{link_id}", limit=20, per=TEN_MINUTES, now=now)


def asking_for_a_link(request: HttpRequest, address: str, *, now: datetime) -> None:
    """Count a wish for a link by mail. Raises TooMany."""
    rates.demand(f"ask:ip:{remote_address(request)}", limit=10, per=TEN_MINUTES, now=now)
    rates.demand(f"ask:to:{digest(address)[:32]}", limit=3, per=TEN_MINUTES, now=now)


def wrong_token(request: HttpRequest, *, now: datetime) -> None:
    """Count a link that leads nowhere. Raises TooMany for somebody who tries many."""
    rates.demand(f"token:ip:{remote_address(request)}", limit=30, per=TEN_MINUTES, now=now)

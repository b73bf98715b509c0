"""How the desk answers htmx: fragments with news for the page in the HX-Trigger header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tickets.desk.entrance import Desk
from tickets.errors import DomainError
from tickets.models import Ticket


def tell(response: HttpResponse, **news: Any) -> HttpResponse:
    """Add news for the page's scripts: `changed` refetches what is shown, `toast` says what happened."""
    response["HX-Trigger"] = json.dumps(news)
    return response


def done(request: HttpRequest, desk: Desk, ticket: Ticket, text: str = "") -> HttpResponse:
    """Answer a change: the page reads again what it shows, or closes a ticket that left its sight."""
    news: dict[str, Any] = {"changed": {"ticket": ticket.pk}}
    if text:
        news["toast"] = {"text": text, "level": "ok"}
    if desk.tickets.filter(pk=ticket.pk).exists():
        return tell(HttpResponse(status=204), **news)
    response = render(request, "shell/nothing_open.html")
    response["HX-Retarget"], response["HX-Reswap"] = "#main", "innerHTML"
    return tell(response, **news)


def refused(
    request: HttpRequest, template: str, context: Mapping[str, Any], error: DomainError
) -> HttpResponse:
    """Answer a refusal with a fragment that takes its place on the page, so that nothing typed is lost."""
    response = render(request, template, dict(context), status=error.status)
    response["X-Desk-Swap"] = "1"
    return response

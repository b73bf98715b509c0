"""Responses to htmx requests: a fragment, and events for the page's scripts in the HX-Trigger header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tickets.desk.access import Desk
from tickets.errors import DomainError
from tickets.models import Ticket


def trigger_events(response: HttpResponse, **events: Any) -> HttpResponse:
    """Add events for the page's scripts to a response and return it.

    `changed` makes the page reload its fragments, `toast` shows a short message.
    """
    response["HX-Trigger"] = json.dumps(events)
    return response


def render_change(request: HttpRequest, desk: Desk, ticket: Ticket, text: str = "") -> HttpResponse:
    """Respond to a change of `ticket`, with `text` as the message to the agent.

    The page reloads its fragments. If the agent may no longer see the ticket, it is closed on their page.
    """
    events: dict[str, Any] = {"changed": {"ticket": ticket.pk}}
    if text:
        events["toast"] = {"text": text, "level": "ok"}
    if desk.tickets.filter(pk=ticket.pk).exists():
        return trigger_events(HttpResponse(status=204), **events)
    response = render(request, "shell/nothing_open.html")
    response["HX-Retarget"], response["HX-Reswap"] = "#main", "innerHTML"
    return trigger_events(response, **events)


def render_refusal(
    request: HttpRequest, template: str, context: Mapping[str, Any], error: DomainError
) -> HttpResponse:
    """Respond to a domain error with a fragment that shows it and keeps what the agent typed.

    The X-Desk-Swap header lets htmx show the fragment although the status is an error.
    """
    response = render(request, template, dict(context), status=error.status)
    response["X-Desk-Swap"] = "1"
    return response

"""Search: tickets and people for the words typed into the header."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tickets.desk.entrance import Desk, for_agents
from tickets.desk.live import navigation
from tickets.desk.page import rows
from tickets.search import search


@require_GET
@for_agents
def find(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show what was found in the place of the list: whole page, or the list alone (htmx)."""
    context = _context(request.GET.get("q", ""), desk)
    if getattr(request, "htmx", False):
        return render(request, "desk/found.html", context)
    return render(request, "desk/page.html", {**context, "navigation": navigation.build_navigation(desk)})


@require_GET
@for_agents
def people(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Offer customers to choose from while a new ticket is written."""
    text = request.GET.get("who", "")
    found = search.find_people(text, desk.actor) if len(text.strip()) > 1 else []
    return render(request, "desk/people.html", {"desk": desk, "people": found, "typed": text.strip()})


def _context(text: str, desk: Desk) -> dict[str, Any]:
    found = search.find_everything(text, desk.actor)
    wanted = [found.number.pk] if found.number else []
    wanted += [pk for pk in found.ids if pk not in wanted]
    by_number = {row.number: row for row in rows.rows_of(wanted, desk)}
    return {
        "desk": desk,
        "now": desk.now,
        "typed": text,
        "found": found,
        "rows": [by_number[pk] for pk in wanted if pk in by_number],
    }

"""Search: tickets and customers that match the text typed into the header."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tickets.desk.access import Desk, for_agents
from tickets.desk.live import navigation
from tickets.desk.page import rows
from tickets.search import search


@require_GET
@for_agents
def find_tickets(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the results in place of the list: on a whole page, or as a fragment (htmx)."""
    context = _context(request.GET.get("q", ""), desk)
    if getattr(request, "htmx", False):
        return render(request, "desk/found.html", context)
    return render(request, "desk/page.html", {**context, "navigation": navigation.build_navigation(desk)})


@require_GET
@for_agents
def find_customers(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Suggest customers for the form of a new ticket."""
    text = request.GET.get("who", "")
    people = search.find_people(text, desk.actor) if len(text.strip()) > 1 else []
    return render(request, "desk/people.html", {"desk": desk, "people": people, "typed": text.strip()})


def _context(text: str, desk: Desk) -> dict[str, Any]:
    results = search.find_everything(text, desk.actor)
    numbers = [results.number.pk] if results.number else []
    numbers += [pk for pk in results.ids if pk not in numbers]
    by_number = {row.number: row for row in rows.load_work_rows(numbers, desk)}
    return {
        "desk": desk,
        "now": desk.now,
        "typed": text,
        "found": results,
        "rows": [by_number[pk] for pk in numbers if pk in by_number],
    }

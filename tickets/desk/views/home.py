"""The desk's start page and its lists."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tickets.desk.access import Desk, for_agents
from tickets.desk.live import navigation
from tickets.desk.page import lists, rows
from tickets.desk.page.lists import SORTS, WorkList


@require_GET
@for_agents
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the desk with the list of the person's own tickets."""
    return _show(request, desk, lists.find_list("mine", desk))


@require_GET
@for_agents
def work_list(request: HttpRequest, desk: Desk, slug: str) -> HttpResponse:
    """Show one list: on a whole page, as a fragment (htmx), or only its next rows (`after`)."""
    return _show(request, desk, lists.find_list(slug, desk))


def build_page_context(request: HttpRequest, desk: Desk, slug: str = "mine") -> dict[str, Any]:
    """Return the context of a whole page around its own part: the navigation, and one list."""
    return {
        **build_context(request, desk, lists.find_list(slug, desk)),
        "navigation": navigation.build_navigation(desk),
    }


def build_context(request: HttpRequest, desk: Desk, work: WorkList) -> dict[str, Any]:
    """Return the context of the list's templates, for the sort order and cursor of the query string."""
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else work.sort
    after = request.GET.get("after", "")[:60]
    return {
        "desk": desk,
        "now": desk.now,
        "work": work,
        "listed": f"?list={work.slug}",
        "sort": sort,
        "sorts": SORTS,
        "page": rows.load_page(work, desk, sort=sort, after=after),
    }


def _show(request: HttpRequest, desk: Desk, work: WorkList) -> HttpResponse:
    context = build_context(request, desk, work)
    if not getattr(request, "htmx", False):
        return render(request, "desk/page.html", {**context, "navigation": navigation.build_navigation(desk)})
    if request.GET.get("after"):
        return render(request, "desk/rows.html", context)
    return render(
        request, "desk/list_answer.html", {**context, "navigation": navigation.build_navigation(desk)}
    )

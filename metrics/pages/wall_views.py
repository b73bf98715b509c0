"""The wall's page and the fragment it fetches again every few seconds."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from metrics.pages import display, wall_words, wallboard
from tickets import wording
from tickets.actor import Actor
from tickets.clock import database_now
from tickets.models import Queue


@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """Show the queues now."""
    return render(request, "metrics/wall.html", _context(request))


@require_safe
def picture(request: HttpRequest) -> HttpResponse:
    """Give the wall's content alone, for the page that is open."""
    if not admin.site.has_permission(request):
        # A page that stayed open over a sign-out must not get the sign-in form into its middle.
        return HttpResponse(status=401, headers={"HX-Refresh": "true"})
    return render(request, "metrics/wall.html#picture", {**_context(request), "is_fragment": True})


def _context(request: HttpRequest) -> dict[str, Any]:
    now = database_now()
    queues = Queue.objects.active().visible_to(Actor.for_user(request.user))
    names = {queue.pk: queue.label() for queue in queues}
    seen = wallboard.cut_to_queues(wallboard.load_snapshot(now=now), names)
    title, reasons = wall_words.choose_advice(seen, names)
    return {
        "wall": seen,
        "oldest": wording.format_duration((now - seen.since).total_seconds()) if seen.since else "–",
        "kept": display.format_share(seen.kept),
        "kept_sample": display.format_k_of_n(seen.kept),
        "kept_range": display.format_percent_range(seen.kept.interval),
        "lines": wall_words.build_lines(seen, names, now=now),
        "advice": title,
        "reasons": reasons,
        "is_stale": seen.is_stale(now=now),
    }


wall_page, picture_page = admin.site.admin_view(wall), never_cache(picture)

"""Automatic messages that waited for nobody: listed, found, and made tickets of."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tickets.desk import automatic, responses
from tickets.desk.access import Desk, for_agents
from tickets.desk.views import home
from tickets.errors import NotFound
from tickets.models import Notice
from tickets.platform.text import parse_row_id


@require_GET
@for_agents
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the kept notices of this user's queues, filtered by kind and words."""
    words, kind = request.GET.get("q", "").strip()[:200], request.GET.get("kind", "")
    before = request.GET.get("before", "")
    place = parse_row_id(before)
    listed = automatic.load_kept_notices(desk.actor, kind=kind, words=words, before=place, now=desk.now)
    context = {"desk": desk, "now": desk.now, "kept": listed, "typed": words, "kind": kind}
    if getattr(request, "htmx", False):
        template = "desk/automatic_rows.html" if place is not None else "desk/automatic.html"
        return render(request, template, context)
    return render(request, "desk/automatic_page.html", {**home.build_page_context(request, desk), **context})


@require_POST
@for_agents
def choose(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Make a ticket of a kept message and open it."""
    kept = Notice.objects.visible_to(desk.actor).filter(pk=inbound_id)
    notice = kept.select_related("inbound__channel").first()
    if notice is None:
        raise NotFound
    outcome = automatic.make_ticket(notice, by=desk.actor, now=desk.now)
    if outcome.ticket is not None:
        return responses.trigger_events(HttpResponse(status=204), opened={"number": outcome.ticket.number})
    text = _("No ticket could be made of it: it is now under “Needs attention”.")
    return responses.trigger_events(
        HttpResponse(status=204), changed={"ticket": None}, toast={"text": text, "level": "warn"}
    )

"""One ticket: its head, its timeline, its customer's card, and a formatted mail in its frame."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tickets.channels.email.outbound import pictures
from tickets.clock import database_now
from tickets.desk.entrance import Desk, for_agents
from tickets.desk.live import presence
from tickets.desk.page import card, lists, mailframe, opened, thread
from tickets.desk.page.opened import Opened
from tickets.desk.writing import composer
from tickets.errors import NotFound
from tickets.models import Message


@require_GET
@for_agents
def ticket_page(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show a ticket: the whole desk around it, or its panes alone (htmx).

    The conversation comes first; the page then asks for the card and, on a page of its own, for the lists.
    """
    context = context_of(opened.read(number, desk))
    if getattr(request, "htmx", False):
        return render(request, "desk/ticket_answer.html", context)
    slug = request.GET.get("list") or "mine"
    if slug not in lists.NAMED:
        slug = lists.find_list(slug, desk).slug
    return render(request, "desk/page.html", {**context, "list_to_come": slug})


@require_GET
@for_agents
def head(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show the head of a ticket anew."""
    return render(request, "desk/head.html", _about(opened.read(number, desk)))


@require_GET
@for_agents
def timeline(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show the timeline anew if anything happened since `mark`, or the part before message `before`."""
    ticket = desk.ticket(number)
    before, mark = request.GET.get("before", ""), request.GET.get("mark", "")
    if mark and mark == str(thread.mark_of(ticket)):
        return HttpResponse(status=204)
    shown = thread.build_thread(Opened(ticket, desk), before=int(before) if _is_number(before) else None)
    template = "desk/entries.html" if before else "desk/thread.html"
    return render(request, template, {"ticket": ticket, "thread": shown, "desk": desk, "now": desk.now})


@require_GET
@for_agents
def customer_card(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show the customer's card anew."""
    ticket = desk.ticket(number)
    opened = Opened(ticket, desk)
    context = _card(opened)
    if request.GET.get("to", context["card"].answered_at) != context["card"].answered_at:
        context["composer"] = composer.build_composer(opened)
    return render(request, "desk/card.html", context)


@require_GET
@for_agents
def formatted(request: HttpRequest, desk: Desk, number: int, seq: int) -> HttpResponse:
    """Show a mail as its sender formatted it, as a document that can do nothing."""
    message = (
        Message.objects.visible_to(desk.actor)
        .filter(ticket=number, seq=seq)
        .select_related("ticket")
        .prefetch_related("attachments")
        .first()
    )
    if message is None or not message.html_safe:
        raise NotFound
    if "pictures" not in request.GET:
        return mailframe.response(message)
    origin = f"{request.scheme}://{request.get_host()}"
    return mailframe.response(
        message,
        pictures=reverse("desk:picture"),
        origin=origin,
        asked_by=str(request.user.pk),
        now=desk.now,
    )


@require_GET
def picture(request: HttpRequest) -> HttpResponse:
    """Fetch a picture that a mail points at. Its frame has no session: the signed query is the right."""
    url, until, mac, by = (request.GET.get(name, "") for name in ("url", "until", "mac", "by"))
    try:
        found = pictures.fetch(pictures.checked(url, until, mac, by, now=database_now()), asked_by=by)
    except pictures.TooManyPictures as error:  # the frame shows the picture's words instead
        return HttpResponse(status=error.status, headers={"Retry-After": "5", "Cache-Control": "no-store"})
    answer = HttpResponse(found.data, content_type=found.content_type)
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


def context_of(shown: Opened) -> dict[str, Any]:
    """Return what the panes of a ticket need, read in a number of queries that does not grow with it."""
    return {**_about(shown), "thread": thread.build_thread(shown), "composer": composer.build_composer(shown)}


def _about(shown: Opened) -> dict[str, Any]:
    return {
        "ticket": shown.ticket,
        "opened": shown,
        "desk": shown.desk,
        "now": shown.desk.now,
        "promise": shown.promise,
        "colleagues": presence.colleagues(shown.ticket, shown.desk) if shown.has_readers else [],
    }


def _card(opened: Opened) -> dict[str, Any]:
    """Return what the customer's card needs; `candidates` share the number the ticket came from."""
    ticket, desk = opened.ticket, opened.desk
    facts = ticket.messages.filter(facts__has_key="candidates").values_list("facts", flat=True)
    candidates = [pk for fact in facts[:5] for pk in fact["candidates"]]
    return {
        "ticket": ticket,
        "card": card.build_card(opened, candidates=candidates),
        "desk": desk,
        "now": desk.now,
    }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10

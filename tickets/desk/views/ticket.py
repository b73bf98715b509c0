"""The ticket page and its parts: head, timeline, customer card, and formatted mails in their frames."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tickets.channels.email.outbound import pictures
from tickets.clock import database_now
from tickets.desk.access import Desk, for_agents
from tickets.desk.live import presence
from tickets.desk.page import card, lists, mail_frame, thread
from tickets.desk.page.ticket import TicketPage, load_ticket_page
from tickets.desk.writing import composer
from tickets.errors import NotFound
from tickets.models import Message


@require_GET
@for_agents
def ticket_page(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show a ticket: on a whole page, or as fragments (htmx).

    The response has the conversation only, to be fast; the page then loads the card and, if it was loaded as
    a whole, the lists.
    """
    context = build_context(load_ticket_page(number, desk))
    if getattr(request, "htmx", False):
        return render(request, "desk/ticket_answer.html", context)
    slug = request.GET.get("list") or "mine"
    if slug not in lists.NAMED:
        slug = lists.find_list(slug, desk).slug
    return render(request, "desk/page.html", {**context, "list_to_load": slug})


@require_GET
@for_agents
def head(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show the head of a ticket."""
    return render(request, "desk/head.html", _build_head_context(load_ticket_page(number, desk)))


@require_GET
@for_agents
def timeline(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show the timeline if it has changed since `mark` (204 if not), or its part before message `before`."""
    ticket = desk.ticket(number)
    before, mark = request.GET.get("before", ""), request.GET.get("mark", "")
    if mark and mark == str(thread.load_mark(ticket)):
        return HttpResponse(status=204)
    shown = thread.build_thread(TicketPage(ticket, desk), before=int(before) if _is_number(before) else None)
    template = "desk/entries.html" if before else "desk/thread.html"
    return render(request, template, {"ticket": ticket, "thread": shown, "desk": desk, "now": desk.now})


@require_GET
@for_agents
def customer_card(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show the customer card of a ticket."""
    ticket = desk.ticket(number)
    page = TicketPage(ticket, desk)
    context = _build_card_context(page)
    if request.GET.get("to", context["card"].answered_at) != context["card"].answered_at:
        context["composer"] = composer.build_composer(page)
    return render(request, "desk/card.html", context)


@require_GET
@for_agents
def formatted(request: HttpRequest, desk: Desk, number: int, seq: int) -> HttpResponse:
    """Show a mail as its sender formatted it, in a document without scripts or requests."""
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
        return mail_frame.render_mail_frame(message)
    origin = f"{request.scheme}://{request.get_host()}"
    return mail_frame.render_mail_frame(
        message,
        pictures=reverse("desk:picture"),
        origin=origin,
        asked_by=str(request.user.pk),
        now=desk.now,
    )


@require_GET
def picture(request: HttpRequest) -> HttpResponse:
    """Fetch a remote image of a mail; the signed query authorises it, as the frame has no session."""
    url, until, mac, by = (request.GET.get(name, "") for name in ("url", "until", "mac", "by"))
    try:
        checked_url = pictures.check_query(url, until, mac, by, now=database_now())
        image = pictures.fetch_picture(checked_url, asked_by=by)
    except pictures.TooManyPictures as error:  # the frame shows the image's alternative text instead
        return HttpResponse(status=error.status, headers={"Retry-After": "5", "Cache-Control": "no-store"})
    response = HttpResponse(image.data, content_type=image.content_type)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def build_context(page: TicketPage) -> dict[str, Any]:
    """Return the context of a ticket's head, conversation and composer.

    The number of queries does not depend on the size of the ticket.
    """
    return {
        **_build_head_context(page),
        "thread": thread.build_thread(page),
        "composer": composer.build_composer(page),
    }


def _build_head_context(page: TicketPage) -> dict[str, Any]:
    return {
        "ticket": page.ticket,
        "opened": page,
        "desk": page.desk,
        "now": page.desk.now,
        "promise": page.promise,
        "colleagues": presence.load_colleagues(page.ticket, page.desk) if page.has_readers else [],
    }


def _build_card_context(page: TicketPage) -> dict[str, Any]:
    """Return the context of the customer card; `candidates` share the number the ticket came from."""
    ticket, desk = page.ticket, page.desk
    facts = ticket.messages.filter(facts__has_key="candidates").values_list("facts", flat=True)
    candidates = [pk for fact in facts[:5] for pk in fact["candidates"]]
    return {
        "ticket": ticket,
        "card": card.build_card(page, candidates=candidates),
        "desk": desk,
        "now": desk.now,
    }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10

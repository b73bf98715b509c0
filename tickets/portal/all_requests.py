"""All one's requests: ask for a link by mail, which works once, for ten minutes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tickets.actor import Actor
from tickets.clock import database_now
from tickets.customers import links
from tickets.errors import NotFound, TooMany
from tickets.models import Identity, Ticket
from tickets.platform import crypto
from tickets.portal import access, limits, link_mail, state_words, ways
from tickets.portal.forms import AddressForm
from tickets.portal.request_page import no_entry, without_referrer

SHOWN = 200


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def requests(request: HttpRequest) -> HttpResponse:
    """List the requests of a customer who is known, or let one ask for a link by mail."""
    identity = access.identity_in(request)
    now = database_now()
    if identity is not None and request.method != "POST":
        return _list(request, identity, now=now)
    form = AddressForm(request.POST or None)
    if request.method != "POST":
        return _ask(request, form)
    if not form.is_valid():
        return _ask(request, form, status=400)
    address = form.cleaned_data["email"]
    try:
        limits.asking_for_a_link(request, address, now=now)
    except TooMany as error:
        form.add_error(None, str(error.sentence))
        return _ask(request, form, status=error.status)
    link_mail.send(address, language=(get_language() or "en")[:2], now=now)
    return redirect("portal:asked")


@never_cache
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """Say the same to everybody: if we know the address, a link is on its way."""
    return render(request, "portal/asked.html", {"ways": ways.to_a_person()})


@never_cache
@require_safe
def enter_all(request: HttpRequest, token: str) -> HttpResponse:
    """Keep at the door who came by a link, without using it: programs that check mails follow links too."""
    now = database_now()
    try:
        link = links.find_unused_link(now=now, digest=crypto.digest(token))
    except NotFound:
        limits.wrong_token(request, now=now)
        return without_referrer(no_entry(request, hides_language=True))
    return without_referrer(access.let_in(redirect("portal:open_all"), access.DOOR, link))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_all(request: HttpRequest) -> HttpResponse:
    """Use the link up at a person's press of a button, and show the requests."""
    now = database_now()
    link_id = access.link_in(request, access.DOOR)
    try:
        link = links.find_unused_link(now=now, pk=link_id)
        if request.method != "POST":
            return render(request, "portal/open_all.html")
        link = links.use_link(link, now=now)
    except NotFound:
        return no_entry(request)
    response = access.forget(request, redirect("portal:requests"))
    return access.let_in(response, access.ALL, link)


@never_cache
@require_POST
def forget_all(request: HttpRequest) -> HttpResponse:
    """Let this device forget who it belongs to."""
    return access.forget(request, redirect("portal:forgotten"))


@never_cache
@require_safe
def forgotten(request: HttpRequest) -> HttpResponse:
    """Confirm that this device no longer knows anybody."""
    return render(request, "portal/forgotten.html")


def _ask(request: HttpRequest, form: AddressForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "ways": ways.to_a_person()}
    return render(request, "portal/ask_for_link.html", context, status=status)


def _list(request: HttpRequest, identity: Identity, *, now: datetime) -> HttpResponse:
    tickets = (
        Ticket.objects.visible_to(Actor.for_identity(identity))
        .filter(merged_into=None)
        .select_related("assignee", "queue__calendar")
        .order_by("-updated_at")
    )[:SHOWN]
    rows: list[dict[str, Any]] = [
        {"ticket": ticket, "standing": state_words.standing(ticket, now=now)} for ticket in tickets
    ]
    return render(request, "portal/requests.html", {"rows": rows, "customer": identity.customer})

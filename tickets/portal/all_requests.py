"""The list of a customer's requests: opened by a mailed link that works once, within ten minutes."""

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
from tickets.portal import access, kept, limits, link_mail, state_words, ways
from tickets.portal.forms import AddressForm
from tickets.portal.request_page import no_entry, without_referrer

MAX_ROWS = 200


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def list_requests(request: HttpRequest) -> HttpResponse:
    """List the requests of a signed-in customer, or show and handle the form that mails a link."""
    identity = access.find_identity(request)
    now = database_now()
    if identity is not None and request.method != "POST":
        return _show_list(request, identity, now=now)
    if not kept.is_sent(request):
        return _show_form(request, AddressForm(initial=kept.load_initial(request)))
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _show_form(request, form, status=400)
    address = form.cleaned_data["email"]
    try:
        limits.count_link_request(request, address, now=now)
    except TooMany as error:
        form.add_error(None, str(error.sentence))
        return _show_form(request, form, status=error.status)
    link_mail.queue_link_mail(address, language=(get_language() or "en")[:2], now=now)
    return redirect("portal:asked")


@never_cache
@require_safe
def show_asked(request: HttpRequest) -> HttpResponse:
    """Show the same page for known and unknown addresses: a link is on its way if we know the address."""
    return render(request, "portal/asked.html", {"ways": ways.load_contact_ways()})


@never_cache
@require_safe
def enter_all(request: HttpRequest, token: str) -> HttpResponse:
    """Store a followed link in a cookie without using it up, because mail scanners follow links too."""
    now = database_now()
    try:
        link = links.find_unused_link(now=now, digest=crypto.digest(token))
    except NotFound:
        limits.count_wrong_token(request, now=now)
        return without_referrer(no_entry(request, hides_language=True))
    return without_referrer(access.set_link_cookie(redirect("portal:open_all"), access.DOOR, link))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_all(request: HttpRequest) -> HttpResponse:
    """Use up the link when a person presses the button, and show the requests."""
    now = database_now()
    link_id = access.read_link_id(request, access.DOOR)
    try:
        link = links.find_unused_link(now=now, pk=link_id)
        if request.method != "POST":
            return render(request, "portal/open_all.html")
        link = links.use_link(link, now=now)
    except NotFound:
        return no_entry(request)
    response = access.clear_cookies(request, redirect("portal:requests"))
    return access.set_link_cookie(response, access.ALL, link)


@never_cache
@require_POST
def forget_all(request: HttpRequest) -> HttpResponse:
    """Sign the customer out on this device."""
    return access.clear_cookies(request, redirect("portal:forgotten"))


@never_cache
@require_safe
def show_forgotten(request: HttpRequest) -> HttpResponse:
    """Confirm that the customer is signed out on this device."""
    return render(request, "portal/forgotten.html")


def _show_form(request: HttpRequest, form: AddressForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "ways": ways.load_contact_ways()}
    return render(request, "portal/ask_for_link.html", context, status=status)


def _show_list(request: HttpRequest, identity: Identity, *, now: datetime) -> HttpResponse:
    tickets = (
        Ticket.objects.visible_to(Actor.for_identity(identity))
        .filter(merged_into=None)
        .select_related("assignee", "queue__calendar")
        .order_by("-updated_at")
    )[:MAX_ROWS]
    rows: list[dict[str, Any]] = [
        {"ticket": ticket, "standing": state_words.describe_state(ticket, now=now)} for ticket in tickets
    ]
    return render(request, "portal/requests.html", {"rows": rows, "customer": identity.customer})

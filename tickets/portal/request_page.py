"""One request as its customer sees it: the conversation, how it stands, and a word back."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tickets.clock import database_now
from tickets.customers import links
from tickets.errors import DomainError, NotFound, TooMany
from tickets.intake.receive import Outcome
from tickets.models import Attachment, Ticket
from tickets.platform import downloads
from tickets.platform.crypto import digest
from tickets.portal import access, limits, lines, sending, state_words, ways
from tickets.portal.access import Guest
from tickets.portal.forms import ReplyForm
from tickets.portal.uploads import capped
from tickets.promises import wait_question
from tickets.states import State

SENT = "?sent=1"


@never_cache
@require_safe
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange a link for a cookie, and go on to an address without the token."""
    now = database_now()
    try:
        link = links.find_request_link(token, now=now)
    except NotFound:
        limits.wrong_token(request, now=now)
        return without_referrer(no_entry(request, hides_language=True))
    public_id = link.participant.ticket.public_id if link.participant else ""
    response = redirect("portal:request_page", public_id)
    return without_referrer(access.let_in(response, access.ONE, link))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@capped
def request_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the conversation, or take in the customer's further word."""
    guest = access.guest_of(request, public_id)
    if guest is None:
        return no_entry(request)
    now = database_now()
    if request.method != "POST":
        return _show(request, guest, ReplyForm(request), now=now)
    form = ReplyForm(request, request.POST, request.FILES)
    return _take(request, guest, form, now=now)


@never_cache
@require_POST
@capped
def not_solved(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take up again what was called solved; the customer's words are welcome but not asked for."""
    guest = access.guest_of(request, public_id)
    if guest is None:
        return no_entry(request)
    form = ReplyForm(request, request.POST, request.FILES)
    with translation.override(guest.ticket.language):
        words = _("This is not solved yet.")
    return _take(request, guest, form, now=database_now(), words=words)


@never_cache
@require_POST
def solved(request: HttpRequest, public_id: str) -> HttpResponse:
    """Close the request: the customer says that it is solved."""
    guest = access.guest_of(request, public_id)
    if guest is None or not guest.is_requester:
        return no_entry(request)
    now = database_now()
    with transaction.atomic():
        locked = Ticket.objects.visible_to(guest.actor).select_for_update(of=("self",))
        ticket = locked.filter(pk=guest.ticket.pk).first()
        if ticket is not None:
            ticket.close(by=guest.actor, now=now)
    return redirect("portal:request_page", public_id)


@never_cache
@require_POST
def choose(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the answer to a question that the page asks; one that is no longer asked changes nothing."""
    guest = access.guest_of(request, public_id)
    if guest is None or not guest.is_requester:
        return no_entry(request)
    key, option = request.POST.get("key", ""), request.POST.get("option", "")
    with suppress(DomainError):
        wait_question.answer_question(guest.ticket, key, option, by=guest.actor, now=database_now())
    return redirect("portal:request_page", public_id)


@never_cache
@require_safe
def mark(request: HttpRequest, public_id: str) -> HttpResponse:
    """Tell an open page in a few bytes whether it is up to date: the mark changes when the page would."""
    guest = access.guest_of(request, public_id)
    return HttpResponse(_mark(guest.ticket), content_type="text/plain") if guest else no_entry(request)


@never_cache
@require_safe
def talk(request: HttpRequest, public_id: str) -> HttpResponse:
    """Lead to the page where one talks with us, about this request and as whom this page knows."""
    guest = access.guest_of(request, public_id)
    if guest is None:
        return no_entry(request)
    address = ways.to_a_person().talk_address_of(guest.participant, guest.link)
    return redirect(address) if address else redirect("portal:request_page", public_id)


@never_cache
@require_POST
def forget(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let this device forget who it belongs to."""
    return access.forget(request, redirect("portal:forgotten"), public_id)


@never_cache
@require_safe
def attachment(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    """Give a file of the conversation as a download."""
    guest = access.guest_of(request, public_id)
    seen = guest.messages() if guest else []
    found = Attachment.objects.filter(public_id=file_id, message__in=[m.pk for m in seen]).first()
    return downloads.build_download(found) if found else no_entry(request)


def no_entry(request: HttpRequest, *, hides_language: bool = False) -> HttpResponse:
    """Say kindly that this leads nowhere, the same for what never was and what one may not see."""
    context = {"ways": ways.to_a_person(), "hides_language": hides_language}
    return render(request, "portal/no_entry.html", context, status=404)


def without_referrer(response: HttpResponse) -> HttpResponse:
    """Keep an address with a token from being told to whatever page comes next.

    Only for answers without a form of ours: a form sent from such a page has no origin that could be checked.
    """
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _take(
    request: HttpRequest, guest: Guest, form: ReplyForm, *, now: datetime, words: str = ""
) -> HttpResponse:
    form.may_be_empty = bool(words)
    if not form.is_valid():
        return _show(request, guest, form, now=now, status=form.status)
    try:
        limits.following(request, guest.link.pk, now=now)
    except TooMany as error:
        form.add_error(None, str(error.sentence))
        return _show(request, guest, form, now=now, status=error.status)
    return go_on(request, guest, sending.further_word(form, guest.participant, now=now, text=words))


def go_on(request: HttpRequest, guest: Guest, outcome: Outcome) -> HttpResponse:
    """Lead back to the page of the request, which has one word more now, or say where that word went."""
    if outcome.ticket is not None and outcome.ticket.pk != guest.ticket.pk:
        return render(request, "portal/continued.html", {"ways": ways.to_a_person()})
    return redirect(reverse("portal:request_page", args=[guest.ticket.public_id]) + SENT)


def _mark(ticket: Ticket) -> str:
    """Return a short text that changes with what the page shows: words, state, promises, calls."""
    changes = [Max(f"promises__{name}") for name in ("id", "kept_at", "broken_at", "replaced_by")]
    changes += [Max("calls__id"), Max("calls__ended_at")]
    own = Ticket.objects.filter(pk=ticket.pk)  # reached: by the guest's link
    row = own.values_list("last_seq", "version", "state", "assignee", *changes).first()
    return digest(repr(row))[:20]


def _show(
    request: HttpRequest, guest: Guest, form: ReplyForm, *, now: datetime, status: int = 200
) -> HttpResponse:
    ticket = guest.ticket
    context: dict[str, Any] = {
        "ticket": ticket,
        "lines": lines.lines_for(guest, now=now),
        "standing": state_words.standing(ticket, now=now),
        "choice": wait_question.find_question(ticket, now=now) if guest.is_requester else None,
        "mark": _mark(ticket),
        "is_sent": "sent" in request.GET,
        "may_reopen": state_words.may_reopen(ticket, now=now),
        "is_solved": ticket.state == State.SOLVED,
        "may_close": guest.is_requester and ticket.state != State.CLOSED,
        "sees_all": guest.link.identity_id is not None,
        "form": form,
        "ways": ways.to_a_person(),
    }
    return render(request, "portal/request_page.html", context, status=status)

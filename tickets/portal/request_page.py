"""One request as its customer sees it: the conversation, its state, and a form to reply."""

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
from tickets.portal import access, kept, limits, lines, sending, state_words, ways
from tickets.portal.access import Guest
from tickets.portal.forms import ReplyForm
from tickets.portal.uploads import limit_uploads
from tickets.promises import wait_question
from tickets.states import State

SENT = "?sent=1"


@never_cache
@require_safe
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange a link for a cookie, and redirect to a URL without the token."""
    now = database_now()
    try:
        link = links.find_request_link(token, now=now)
    except NotFound:
        limits.count_wrong_token(request, now=now)
        return without_referrer(no_entry(request, hides_language=True))
    public_id = link.participant.ticket.public_id if link.participant else ""
    response = redirect("portal:request_page", public_id)
    return without_referrer(access.set_link_cookie(response, access.ONE, link))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limit_uploads
def request_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the conversation, or receive the customer's reply."""
    guest = access.find_guest(request, public_id)
    if guest is None:
        return no_entry(request)
    now = database_now()
    if not kept.is_sent(request):
        return _show(request, guest, ReplyForm(request, initial=kept.load_initial(request)), now=now)
    form = ReplyForm(request, request.POST, request.FILES)
    return _receive(request, guest, form, now=now)


@never_cache
@require_POST
@limit_uploads
def reopen_request(request: HttpRequest, public_id: str) -> HttpResponse:
    """Reopen a solved request; the customer's text is optional."""
    guest = access.find_guest(request, public_id)
    if guest is None:
        return no_entry(request)
    if not kept.is_sent(request):
        blank = ReplyForm(request, initial=kept.load_initial(request))
        return _show(request, guest, blank, now=database_now())
    form = ReplyForm(request, request.POST, request.FILES)
    with translation.override(guest.ticket.language):
        words = _("This is not solved yet.")
    return _receive(request, guest, form, now=database_now(), words=words)


@never_cache
@require_POST
def close_request(request: HttpRequest, public_id: str) -> HttpResponse:
    """Close the request because the customer says that it is solved."""
    guest = access.find_guest(request, public_id)
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
def answer_question(request: HttpRequest, public_id: str) -> HttpResponse:
    """Record the answer to the page's question; if it is no longer asked, nothing changes."""
    guest = access.find_guest(request, public_id)
    if guest is None or not guest.is_requester:
        return no_entry(request)
    key, option = request.POST.get("key", ""), request.POST.get("option", "")
    with suppress(DomainError):
        wait_question.answer_question(guest.ticket, key, option, by=guest.actor, now=database_now())
    return redirect("portal:request_page", public_id)


@never_cache
@require_safe
def show_mark(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return a short mark that changes when the page would, so that an open page knows when to reload."""
    guest = access.find_guest(request, public_id)
    return (
        HttpResponse(_compute_mark(guest.ticket), content_type="text/plain") if guest else no_entry(request)
    )


@never_cache
@require_safe
def redirect_to_chat(request: HttpRequest, public_id: str) -> HttpResponse:
    """Redirect to the chat page, with a pass for this request and its participant."""
    guest = access.find_guest(request, public_id)
    if guest is None:
        return no_entry(request)
    url = ways.load_contact_ways().live_url_for(guest.participant, guest.link)
    return redirect(url) if url else redirect("portal:request_page", public_id)


@never_cache
@require_POST
def forget(request: HttpRequest, public_id: str) -> HttpResponse:
    """Sign the customer out on this device."""
    return access.clear_cookies(request, redirect("portal:forgotten"), public_id)


@never_cache
@require_safe
def attachment(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    """Send a file of the conversation as a download."""
    guest = access.find_guest(request, public_id)
    visible = guest.load_messages() if guest else []
    file = Attachment.objects.filter(public_id=file_id, message__in=[m.pk for m in visible]).first()
    return downloads.build_download(file) if file else no_entry(request)


def no_entry(request: HttpRequest, *, hides_language: bool = False) -> HttpResponse:
    """Return a 404 page, the same for a request that does not exist and for one the visitor may not see.

    What somebody typed meanwhile goes on to the web form.
    """
    typed = kept.read_typed_form(request)
    context = {"ways": ways.load_contact_ways(), "hides_language": hides_language, "kept": typed}
    return render(request, "portal/no_entry.html", context, status=404)


def without_referrer(response: HttpResponse) -> HttpResponse:
    """Prevent browsers from sending the URL, which has a token, to the next page.

    Only for responses without a form: one submitted from such a page has no Origin for the CSRF check.
    """
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _receive(
    request: HttpRequest, guest: Guest, form: ReplyForm, *, now: datetime, words: str = ""
) -> HttpResponse:
    form.may_be_empty = bool(words)
    if not form.is_valid():
        return _show(request, guest, form, now=now, status=form.status)
    try:
        limits.count_page_message(request, guest.link.pk, now=now)
    except TooMany as error:
        form.add_error(None, str(error.sentence))
        return _show(request, guest, form, now=now, status=error.status)
    return redirect_to_page(
        request, guest, sending.receive_reply(form, guest.participant, now=now, text=words)
    )


def redirect_to_page(request: HttpRequest, guest: Guest, outcome: Outcome) -> HttpResponse:
    """Redirect to the request's page, or show that the message opened a new request."""
    if outcome.ticket is not None and outcome.ticket.pk != guest.ticket.pk:
        return render(request, "portal/continued.html", {"ways": ways.load_contact_ways()})
    return redirect(reverse("portal:request_page", args=[guest.ticket.public_id]) + SENT)


def _compute_mark(ticket: Ticket) -> str:
    """Return a digest of everything the page shows: messages, state, assignee, promises, calls."""
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
        "lines": lines.load_lines(guest, now=now),
        "standing": state_words.describe_state(ticket, now=now),
        "choice": wait_question.find_question(ticket, now=now) if guest.is_requester else None,
        "mark": _compute_mark(ticket),
        "is_sent": "sent" in request.GET,
        "may_reopen": state_words.may_reopen(ticket, now=now),
        "is_solved": ticket.state == State.SOLVED,
        "may_close": guest.is_requester and ticket.state != State.CLOSED,
        "sees_all": guest.link.identity_id is not None,
        "form": form,
        "ways": ways.load_contact_ways(),
    }
    return render(request, "portal/request_page.html", context, status=status)

"""The form for a call back, at a time within opening hours that the customer chooses."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tickets import wording
from tickets.errors import TooMany
from tickets.hours import wording as opening_words
from tickets.intake.receive import load_outcome
from tickets.models import Queue
from tickets.portal import access, hours, kept, limits, repeated, request_page, sending, thanks, ways
from tickets.portal.access import Guest
from tickets.portal.forms import CallbackForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def callback_form(request: HttpRequest) -> HttpResponse:
    """Show the form with the available times, or receive it."""
    return _handle_form(request, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def request_callback_form(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show or receive the form on a request's page; the call is then about that request."""
    guest = access.find_guest(request, public_id)
    return _handle_form(request, guest) if guest is not None else request_page.no_entry(request)


def _handle_form(request: HttpRequest, guest: Guest | None) -> HttpResponse:
    doors = sending.load_doors()
    channels, now = doors.channels, doors.now
    queue = guest.ticket.queue if guest else channels[0].queue if channels else None
    windows = hours.list_windows(queue, now=now) if queue and channels else []
    if queue is None or not windows:
        typed = kept.read_typed_form(request)
        context = {"ways": ways.load_contact_ways(channels), "kept": typed, "is_closed": not channels}
        return render(request, "portal/no_callback.html", context)
    page = partial(_show, request, queue=queue, guest=guest, windows=windows, now=now)
    if not kept.is_sent(request):
        return page(CallbackForm(windows, initial=kept.load_initial(request, searched="text")))
    form = CallbackForm(windows, request.POST)
    if not form.is_valid():
        return page(form, status=400)
    data = form.cleaned_data
    first = repeated.find_first_token(request, data) if guest is None else ""
    data["token"] = first or data["token"]
    received = sending.find_received(data["token"], channels) if guest is None else None
    try:
        if guest is not None:
            limits.count_page_message(request, guest.link.pk, now=now)
        elif received is None:
            limits.count_form(request, data["email"] or data["number"], now=now)
        else:
            limits.count_repeated_form(request, data["token"], now=now)
    except TooMany as error:
        form.add_error(None, str(error.sentence))
        return page(form, status=error.status)
    part = guest.participant if guest else None
    if first and received is not None:
        outcome = load_outcome(received)
    else:
        language = (get_language() or "en")[:2]
        outcome = sending.receive_callback(form, doors, language=language, participant=part)
    if guest is not None:
        return request_page.redirect_to_page(request, guest, outcome)
    response = thanks.store_thanks(redirect("portal:thanks"), outcome, data["email"])
    return repeated.remember_sent_form(response, request, data, token=data["token"])


def _show(
    request: HttpRequest,
    form: CallbackForm,
    *,
    queue: Queue,
    guest: Guest | None,
    windows: list[hours.Window],
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    zone = opening_words.find_zone(queue.calendar)
    local = [(w.key, w.from_at.astimezone(zone), w.until_at.astimezone(zone)) for w in windows]
    days: list[dict[str, Any]] = [
        {
            "name": capfirst(wording.format_day(run[0][1], now=now)),
            "windows": [
                (key, wording.format_time(start), wording.format_time(end)) for key, start, end in run
            ],
        }
        for run in _by_day(local)
    ]
    context = {
        "form": form,
        "ticket": guest.ticket if guest else None,
        "days": days,
        "zone": wording.format_zone(zone),
        "opening": opening_words.describe_hours(queue.calendar),
        "ways": ways.load_contact_ways(),
    }
    return render(request, "portal/callback.html", context, status=status)


def _by_day(local: list[tuple[str, datetime, datetime]]) -> list[list[tuple[str, datetime, datetime]]]:
    return [list(run) for _day, run in groupby(local, key=lambda window: window[1].date())]

"""Asking to be called back, at a time within opening hours that the customer chooses."""

from __future__ import annotations

from datetime import datetime
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
from tickets.models import Channel
from tickets.portal import hours, limits, sending, thanks, ways
from tickets.portal.forms import CallbackForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def callback_form(request: HttpRequest) -> HttpResponse:
    """Show the form with the times that are open, or take the wish in."""
    doors = sending.doors()
    channels, now = doors.channels, doors.now
    windows = hours.windows(channels[0].queue, now=now) if channels else []
    if not windows:
        return render(request, "portal/no_callback.html", {"ways": ways.to_a_person(channels)})
    channel = channels[0]
    if request.method != "POST":
        return _show(request, CallbackForm(windows), channel, windows, now=now)
    form = CallbackForm(windows, request.POST)
    if not form.is_valid():
        return _show(request, form, channel, windows, now=now, status=400)
    data = form.cleaned_data
    try:
        if sending.received(data["token"], channels) is None:
            limits.writing(request, data["email"] or data["number"], now=now)
        else:
            limits.again(request, data["token"], now=now)
    except TooMany as error:
        form.add_error(None, str(error.sentence))
        return _show(request, form, channel, windows, now=now, status=error.status)
    outcome = sending.callback(form, doors, language=(get_language() or "en")[:2])
    return thanks.remember(redirect("portal:thanks"), outcome, data["email"])


def _show(
    request: HttpRequest,
    form: CallbackForm,
    channel: Channel,
    windows: list[hours.Window],
    *,
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    zone = opening_words.zone_of(channel.queue.calendar)
    local = [(w.key, w.from_at.astimezone(zone), w.until_at.astimezone(zone)) for w in windows]
    days: list[dict[str, Any]] = [
        {
            "name": capfirst(wording.day(run[0][1], now=now)),
            "windows": [(key, wording.clock(start), wording.clock(end)) for key, start, end in run],
        }
        for run in _by_day(local)
    ]
    context = {
        "form": form,
        "days": days,
        "zone": wording.zone_name(zone),
        "opening": opening_words.in_words(channel.queue.calendar),
        "ways": ways.to_a_person(),
    }
    return render(request, "portal/callback.html", context, status=status)


def _by_day(local: list[tuple[str, datetime, datetime]]) -> list[list[tuple[str, datetime, datetime]]]:
    return [list(run) for _day, run in groupby(local, key=lambda window: window[1].date())]

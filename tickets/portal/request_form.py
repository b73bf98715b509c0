"""The web form: what is sent is kept first, then thanked for with an honest time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tickets.clock import database_now
from tickets.errors import TooMany
from tickets.intake.receive import Outcome, outcome_of
from tickets.models import Channel
from tickets.portal import access, limits, sending, thanks, ways
from tickets.portal.forms import RequestForm
from tickets.portal.uploads import capped
from tickets.promises import expectation


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@capped
def request_form(request: HttpRequest) -> HttpResponse:
    """Show the form, or take in what was filled in."""
    doors = sending.doors()
    channels, now = doors.channels, doors.now
    if not channels:
        return render(request, "portal/closed.html", {"ways": ways.to_a_person(channels)}, status=503)
    if request.method != "POST":
        return _show(request, RequestForm(request, channels), channels, now=now)
    form = RequestForm(request, channels, request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, form, channels, now=now, status=form.status)
    try:
        outcome = _take(request, form, doors)
    except TooMany as error:
        form.add_error(None, str(error.sentence))
        return _show(request, form, channels, now=now, status=error.status)
    return thanks.remember(redirect("portal:thanks"), outcome, form.cleaned_data["email"])


@never_cache
@require_safe
def thank(request: HttpRequest) -> HttpResponse:
    """Say thanks, when an answer comes, and where the link was sent; nothing of the request itself."""
    kept = thanks.recall(request)
    if kept is None:
        return redirect("portal:request")
    return render(request, "portal/thanks.html", {"thanks": kept.in_words(database_now())})


def _take(request: HttpRequest, form: RequestForm, doors: sending.Doors) -> Outcome:
    """Take the form in; one that was sent before does not count against what a place or address may send."""
    token = form.cleaned_data["token"]
    received = sending.received(token, doors.channels)
    if received is None:
        limits.writing(request, form.cleaned_data["email"], now=doors.now)
    else:
        limits.again(request, token, now=doors.now)
    language = (get_language() or "en")[:2]
    known = access.identity_in(request)
    outcome = sending.request(
        form,
        doors,
        was_sent=received is not None,
        language=language,
        signed_in_as=known.value if known else "",
    )
    return outcome if outcome.ticket or received is None else outcome_of(received)


def _show(
    request: HttpRequest, form: RequestForm, channels: list[Channel], *, now: datetime, status: int = 200
) -> HttpResponse:
    queues = {channel.key: channel.queue for channel in channels}
    expected = {key: expectation.expect_for_queue(queue, now=now) for key, queue in queues.items()}
    chosen = form["about"].value() if "about" in form.fields else None
    context: dict[str, Any] = {
        "form": form,
        "queues": [(key, queue.label(), expected[key].sentence) for key, queue in queues.items()],
        "chosen": chosen or next(iter(queues)),
        "expectation": next(iter(expected.values())),
        "ways": ways.to_a_person(channels),
    }
    return render(request, "portal/request.html", context, status=status)

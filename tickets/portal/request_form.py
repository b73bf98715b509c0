"""The web form: a submission is stored first, then acknowledged with the expected time of an answer."""

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
from tickets.intake.receive import Outcome, load_outcome
from tickets.models import Channel
from tickets.portal import access, kept, limits, repeated, sending, thanks, ways
from tickets.portal.forms import RequestForm
from tickets.portal.uploads import limit_uploads
from tickets.promises import expectation


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limit_uploads
def request_form(request: HttpRequest) -> HttpResponse:
    """Show the form, or receive a submission."""
    doors = sending.load_doors()
    channels, now = doors.channels, doors.now
    if not channels:
        context = {"ways": ways.load_contact_ways(channels), "kept": kept.read_typed_form(request)}
        return render(request, "portal/closed.html", context, status=503)
    if not kept.is_sent(request):
        initial = kept.load_initial(request, searched="subject")
        return _show(request, RequestForm(request, channels, initial=initial), channels, now=now)
    form = RequestForm(request, channels, request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, form, channels, now=now, status=form.status)
    try:
        outcome = _receive(request, form, doors)
    except TooMany as error:
        form.add_error(None, str(error.sentence))
        return _show(request, form, channels, now=now, status=error.status)
    response = thanks.store_thanks(redirect("portal:thanks"), outcome, form.cleaned_data["email"])
    return repeated.remember_sent_form(
        response, request, form.cleaned_data, token=form.cleaned_data["token"], files=_files(form)
    )


@never_cache
@require_safe
def show_thanks(request: HttpRequest) -> HttpResponse:
    """Show when an answer can be expected and where the link was sent, but nothing of the request itself."""
    stored = thanks.load_thanks(request)
    if stored is None:
        return redirect("portal:request")
    return render(request, "portal/thanks.html", {"thanks": stored.in_words(database_now())})


def _receive(request: HttpRequest, form: RequestForm, doors: sending.Doors) -> Outcome:
    """Receive a valid form. A repeated submission does not count against the limits for new ones."""
    data = form.cleaned_data
    is_repeated = bool(first := repeated.find_first_token(request, data, files=_files(form)))
    token = data["token"] = first or data["token"]
    received = sending.find_received(token, doors.channels)
    if received is None:
        limits.count_form(request, form.cleaned_data["email"], now=doors.now)
    else:
        limits.count_repeated_form(request, token, now=doors.now)
        if is_repeated:
            return load_outcome(received)
    language = (get_language() or "en")[:2]
    identity = access.find_identity(request)
    outcome = sending.receive_request(
        form,
        doors,
        was_sent=received is not None,
        language=language,
        signed_in_as=identity.value if identity else "",
    )
    return outcome if outcome.ticket or received is None else load_outcome(received)


def _files(form: RequestForm) -> list[bytes]:
    return [data for _name, _type, data in form.uploads()]


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
        "ways": ways.load_contact_ways(channels),
    }
    return render(request, "portal/request.html", context, status=status)

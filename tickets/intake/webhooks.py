"""The webhook for other software: signed, recent events of any channel, each stored once, then processed."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from tickets.channels.registry import adapters
from tickets.clock import database_now
from tickets.errors import DomainError, NotFound, TooLarge
from tickets.intake import ledger, receive
from tickets.intake.receive import Outcome
from tickets.models import Channel, Inbound

MAX_BYTES = 64 * 1024
STATUS = {Inbound.State.QUARANTINED: 422}


@csrf_exempt  # the signature authenticates the sender
@never_cache
def take_event(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Receive one event of a channel that accepts events, and return its outcome as JSON."""
    if request.method != "POST":
        return _answer(405, {"code": "post_only", "detail": _("Send events by POST.")}, Allow="POST")
    try:
        return _take(request, slug, key, now=database_now())
    except DomainError as error:
        return _answer(error.status, {"code": error.code, "detail": str(error.sentence)})


def _take(request: HttpRequest, slug: str, key: str, *, now: datetime) -> HttpResponse:
    adapter = adapters().get(slug)
    channel = Channel.objects.select_related("queue").filter(slug=slug, key=key, is_active=True).first()
    if channel is None or adapter is None or not adapter.takes_events:
        raise NotFound
    raw = _body(request)
    address = settings.PUBLIC_URL + request.get_full_path()
    event = adapter.check_event(channel, request.headers, raw, url=address, now=now)
    row, is_new = ledger.keep_raw(
        channel,
        raw,
        source_key=event.id,
        # One row per id, whatever the body: the same id with another body is refused below.
        body_digest=hashlib.sha256(event.id.encode()).hexdigest(),
        now=now,
        envelope={"format": event.format},
    )
    if not is_new and bytes(row.raw.data) != raw:
        code, detail = "id_reused", _("This id was used for another event. Give each event its own.")
        return _answer(409, {"code": code, "detail": detail})
    said = _said(receive.process(row.pk, now=now), row)
    own = event.answer if said.status_code == 200 else None
    return HttpResponse(own[1], content_type=own[0]) if own else said


def _body(request: HttpRequest) -> bytes:
    """Read the body, at most MAX_BYTES. Raises TooLarge."""
    too_large = TooLarge(_("An event is at most 64 KB."))
    length = request.headers.get("Content-Length", "")
    if length.isascii() and length.isdigit() and int(length) > MAX_BYTES:
        raise too_large
    raw = request.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise too_large
    return raw


def _said(outcome: Outcome, row: Inbound) -> JsonResponse:
    """Return the event's outcome as a response; a repeated event gets the same one."""
    said: dict[str, Any] = {"status": str(outcome.state), "why": outcome.why, "event": row.pk}
    said["ticket"] = outcome.ticket.pk if outcome.ticket else None
    status = STATUS.get(Inbound.State(outcome.state), 200)
    if status != 200:
        said |= {"code": "not_understood", "detail": outcome.why}
    return _answer(status, said)


def _answer(status: int, said: dict[str, Any], **headers: str) -> JsonResponse:
    return JsonResponse(said, status=status, headers=headers, json_dumps_params={"ensure_ascii": False})

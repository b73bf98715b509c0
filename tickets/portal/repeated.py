"""A form sent again by Back and Send: the same words of the same visit are the same request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from tickets.models import Attachment, Message, Participant

COOKIE = "sent"
SALT = "tandem.portal.sent"
SECONDS = 3600
KEPT = 5
FIELDS = ("email", "name", "number", "window", "about", "subject", "text")
COMPARED = 2000  # characters of two texts
SIMILAR = 0.5
SAID_AGAIN_WITHIN = timedelta(minutes=30)


def token_of_first(request: HttpRequest, fields: Mapping[str, Any], *, files: Iterable[bytes] = ()) -> str:
    """Return the token of the form by which this browser has sent the same already, or an empty text.

    A browser that goes back fetches a new form and fills it in as before, without its files.
    """
    words, attached = _digest(fields), _digest_files(files)
    for known_words, known_files, token in reversed(_sent(request)):
        if known_words == words and attached in ("", known_files):
            return token
    return ""


def remember_form(
    response: HttpResponse,
    request: HttpRequest,
    fields: Mapping[str, Any],
    *,
    token: str,
    files: Iterable[bytes] = (),
) -> HttpResponse:
    """Keep in this browser what it has sent, for an hour: digests alone, and the form's token."""
    entry = [_digest(fields), _digest_files(files), token]
    sent = [other for other in _sent(request) if other[2] != token]
    response.set_cookie(
        COOKIE,
        signing.dumps([*sent, entry][-KEPT:], salt=SALT),
        max_age=SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def find_said(
    participant: Participant, text: str, *, files: Iterable[bytes] = (), now: datetime
) -> Message | None:
    """Return the message in which a participant has just said the same, if nothing was said since.

    It still waits for us: whoever says the same of another answer says something new.
    """
    ticket = participant.ticket
    latest = (
        Message.objects.filter(ticket=ticket, is_auto=False)  # reached: by the guest's link
        .exclude(kind=Message.Kind.NOTE)
        .order_by("-seq")
        .first()
    )
    if latest is None or latest.author_customer_id != participant.customer_id:
        return None
    is_recent = latest.created_at > now - SAID_AGAIN_WITHIN
    waits = ticket.waiting_since is not None and not ticket.is_finished
    if not (is_recent and waits and _plain(latest.text) == _plain(text)):
        return None
    attached = {hashlib.sha256(data).hexdigest() for data in files}
    known = set(Attachment.objects.filter(message=latest).values_list("sha256", flat=True))
    return latest if attached <= known else None


def is_same_matter(first: str, second: str) -> bool:
    """Tell whether a text is another wording of the first, and not another matter."""
    first, second = _plain(first)[:COMPARED].lower(), _plain(second)[:COMPARED].lower()
    if first in second or second in first:
        return True
    return SequenceMatcher(None, first, second).ratio() >= SIMILAR


def _sent(request: HttpRequest) -> list[list[str]]:
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return []
    return [entry for entry in kept if len(entry) == 3] if isinstance(kept, list) else []


def _digest(fields: Mapping[str, Any]) -> str:
    words = [_plain(str(fields.get(name) or "")) for name in FIELDS]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:32]


def _digest_files(files: Iterable[bytes]) -> str:
    digests = sorted(hashlib.sha256(data).hexdigest() for data in files)
    return hashlib.sha256("".join(digests).encode()).hexdigest()[:32] if digests else ""


def _plain(text: str) -> str:
    return " ".join(text.split())

"""Recognise a form that is sent twice (Back, then Send): the same text is the same request."""

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
REPEATED_WITHIN = timedelta(minutes=30)


def find_first_token(request: HttpRequest, fields: Mapping[str, Any], *, files: Iterable[bytes] = ()) -> str:
    """Return the token of the form with which this browser has sent the same fields, or an empty string.

    A browser that goes back loads a new form with a new token, and fills in everything except the files.
    """
    words, attached = _digest(fields), _digest_files(files)
    for known_words, known_files, token in reversed(_load_sent_forms(request)):
        if known_words == words and attached in ("", known_files):
            return token
    return ""


def remember_sent_form(
    response: HttpResponse,
    request: HttpRequest,
    fields: Mapping[str, Any],
    *,
    token: str,
    files: Iterable[bytes] = (),
) -> HttpResponse:
    """Store a sent form in a signed cookie for an hour: digests of its fields and files, and its token."""
    entry = [_digest(fields), _digest_files(files), token]
    sent = [other for other in _load_sent_forms(request) if other[2] != token]
    response.set_cookie(
        COOKIE,
        signing.dumps([*sent, entry][-KEPT:], salt=SALT),
        max_age=SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def find_repeated_message(
    participant: Participant, text: str, *, files: Iterable[bytes] = (), now: datetime
) -> Message | None:
    """Return the participant's earlier message with the same text, if it is recent and the ticket's last.

    It must still wait for our reply: after a reply, the same words ("Thank you") are a new message.
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
    is_recent = latest.created_at > now - REPEATED_WITHIN
    waits = ticket.waiting_since is not None and not ticket.is_finished
    if not (is_recent and waits and _collapse_spaces(latest.text) == _collapse_spaces(text)):
        return None
    attached = {hashlib.sha256(data).hexdigest() for data in files}
    known = set(Attachment.objects.filter(message=latest).values_list("sha256", flat=True))
    return latest if attached <= known else None


def is_same_matter(first: str, second: str) -> bool:
    """Tell whether two texts are versions of one request: one contains the other, or they are similar."""
    first, second = _collapse_spaces(first)[:COMPARED].lower(), _collapse_spaces(second)[:COMPARED].lower()
    if first in second or second in first:
        return True
    return SequenceMatcher(None, first, second).ratio() >= SIMILAR


def _load_sent_forms(request: HttpRequest) -> list[list[str]]:
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return []
    return [entry for entry in kept if len(entry) == 3] if isinstance(kept, list) else []


def _digest(fields: Mapping[str, Any]) -> str:
    words = [_collapse_spaces(str(fields.get(name) or "")) for name in FIELDS]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:32]


def _digest_files(files: Iterable[bytes]) -> str:
    digests = sorted(hashlib.sha256(data).hexdigest() for data in files)
    return hashlib.sha256("".join(digests).encode()).hexdigest()[:32] if digests else ""


def _collapse_spaces(text: str) -> str:
    return " ".join(text.split())

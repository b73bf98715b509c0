"""What the page after a sent form says: a promise and an address, kept for minutes in a signed cookie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from tickets import wording
from tickets.delivery import auto_mail
from tickets.hours import wording as opening_words
from tickets.intake.receive import Outcome
from tickets.models import Outbound, Promise, Ticket
from tickets.promises import expectation

COOKIE = "thanks"
SALT = "tandem.portal.thanks"
SECONDS = 600


@dataclass(frozen=True)
class Thanks:
    """The promise that was made (if any), and where a link is on its way to (if one is)."""

    address: str = ""
    is_link_sent: bool = False
    kind: str = ""
    from_at: str = ""
    until_at: str = ""
    zone: str = ""

    def in_words(self, now: datetime) -> dict[str, Any]:
        """Return what the page shows."""
        shown: dict[str, Any] = {
            "address": self.address,
            "is_link_sent": self.is_link_sent,
            "can_be_told": bool(self.address) and auto_mail.is_read_by_person(self.address),
            "when": "",
            "zone": "",
        }
        if self.until_at:
            zone = wording.find_zone(self.zone)
            say = (
                expectation.describe_callback
                if self.kind == Promise.Kind.CALLBACK
                else expectation.describe_answer
            )
            start, end = datetime.fromisoformat(self.from_at), datetime.fromisoformat(self.until_at)
            shown |= {"when": say(start, end, now=now, zone=zone), "zone": wording.format_zone(zone)}
        return shown | {"is_call": self.kind == Promise.Kind.CALLBACK}


def remember(response: HttpResponse, outcome: Outcome, address: str) -> HttpResponse:
    """Keep for the next page what became of a sent form."""
    kept = _of(outcome.ticket, address) if outcome.ticket else Thanks(address)
    response.set_cookie(
        COOKIE,
        signing.dumps(vars(kept), salt=SALT),
        max_age=SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def recall(request: HttpRequest) -> Thanks | None:
    """Return what this browser's last form brought about, for some minutes."""
    try:
        return Thanks(**signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=SECONDS))
    except (signing.BadSignature, TypeError):
        return None


def _of(ticket: Ticket, address: str) -> Thanks:
    promise = _latest_promise(ticket)
    sent = bool(address) and _is_thanked(ticket, address)
    zone = opening_words.find_zone(ticket.queue.calendar)
    if promise is None:
        return Thanks(address, sent)
    return Thanks(
        address,
        sent,
        promise.kind,
        promise.from_at.isoformat(),
        promise.due_at.isoformat(),
        getattr(zone, "key", ""),
    )


def _latest_promise(ticket: Ticket) -> Promise | None:
    return Promise.objects.filter(ticket=ticket, replaced_by=None).order_by("-id").first()


def _is_thanked(ticket: Ticket, address: str) -> bool:
    return Outbound.objects.filter(ticket=ticket, kind="ack", to=address).exists()

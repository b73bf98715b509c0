"""What the page after a form shows: a promise and an address, kept for ten minutes in a signed cookie."""

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
    """The promise that was made, if any, and the address to which a link was sent, if any."""

    address: str = ""
    is_link_sent: bool = False
    kind: str = ""
    from_at: str = ""
    until_at: str = ""
    zone: str = ""

    def in_words(self, now: datetime) -> dict[str, Any]:
        """Return the page's context, with the promise in words."""
        shown: dict[str, Any] = {
            "address": self.address,
            "is_link_sent": self.is_link_sent,
            "can_be_told": bool(self.address) and auto_mail.is_read_by_person(self.address),
            "when": "",
            "zone": "",
        }
        if self.until_at:
            zone = wording.find_zone(self.zone)
            write = (
                expectation.describe_callback
                if self.kind == Promise.Kind.CALLBACK
                else expectation.describe_answer
            )
            start, end = datetime.fromisoformat(self.from_at), datetime.fromisoformat(self.until_at)
            shown |= {"when": write(start, end, now=now, zone=zone), "zone": wording.format_zone(zone)}
        return shown | {"is_call": self.kind == Promise.Kind.CALLBACK}


def store_thanks(response: HttpResponse, outcome: Outcome, address: str) -> HttpResponse:
    """Store the result of a submitted form in a cookie for the next page."""
    stored = _build_thanks(outcome, outcome.ticket, address) if outcome.ticket else Thanks(address)
    response.set_cookie(
        COOKIE,
        signing.dumps(vars(stored), salt=SALT),
        max_age=SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def load_thanks(request: HttpRequest) -> Thanks | None:
    """Return the result of this browser's last form from its cookie, or None."""
    try:
        return Thanks(**signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=SECONDS))
    except (signing.BadSignature, TypeError):
        return None


def _build_thanks(outcome: Outcome, ticket: Ticket, address: str) -> Thanks:
    promise = (outcome.opened and outcome.opened.promise) or _latest_promise(ticket)
    sent = bool(address) and _is_acknowledged(outcome, ticket, address)
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


def _is_acknowledged(outcome: Outcome, ticket: Ticket, address: str) -> bool:
    thanks = outcome.opened and outcome.opened.thanks
    if thanks and thanks.to == address:
        return True
    return Outbound.objects.filter(ticket=ticket, kind="ack", to=address).exists()

"""Access to customers' pages: a signed cookie that stands for a customer's link, checked on each request."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tickets.actor import Actor
from tickets.clock import database_now
from tickets.customers import links
from tickets.errors import NotFound
from tickets.models import AccessLink, Identity, Message, Participant, Ticket

# The cookies' names.
ONE = "request"  # for one participant of one ticket; sent to that ticket's pages only
ALL = "requests"  # for all requests of a verified address
DOOR = "requests_door"  # for a mailed link that was followed but not used yet
EVERYWHERE = "/"  # the web form needs the cookie too, to know whether its sender is signed in
SECONDS = {ONE: 30 * 24 * 3600, ALL: 24 * 3600, DOOR: 600}


@dataclass(frozen=True)
class Guest:
    """A customer identified by a link: what they may see, and the participant as whom they write."""

    actor: Actor
    participant: Participant
    link: AccessLink

    @property
    def ticket(self) -> Ticket:
        return self.participant.ticket

    @property
    def is_requester(self) -> bool:
        return self.ticket.customer_id == self.participant.customer_id

    def load_messages(self) -> list[Message]:
        """Return the messages this guest may read, oldest first; not those from before they joined."""
        visible = Message.objects.visible_to(self.actor).filter(ticket=self.ticket)
        if not self.is_requester:
            visible = visible.filter(created_at__gte=self.participant.created_at)
        return list(
            visible.select_related("author_user", "author_customer")
            .prefetch_related("attachments", "author_customer__identities")
            .order_by("seq")
        )


def set_link_cookie(response: HttpResponse, name: str, link: AccessLink) -> HttpResponse:
    """Set the cookie that stands for a link, and return the response."""
    response.set_cookie(
        name,
        signing.dumps(link.pk, salt=_salt(name)),
        max_age=SECONDS[name],
        path=_build_cookie_path(name, link),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def clear_cookies(request: HttpRequest, response: HttpResponse, public_id: str = "") -> HttpResponse:
    """Delete this browser's cookies, and end the visit to all requests, so that no copy of it works."""
    link_id = read_link_id(request, ALL)
    if link_id is not None:
        links.end_visit(link_id, now=database_now())
    if public_id:
        response.delete_cookie(ONE, path=_build_page_path(public_id), samesite="Lax")
    response.delete_cookie(ALL, path=EVERYWHERE, samesite="Lax")
    response.delete_cookie(DOOR, path=reverse("portal:requests"), samesite="Lax")
    return response


def read_link_id(request: HttpRequest, name: str) -> int | None:
    """Return the id of the link in a cookie, or None if it is missing, expired or not genuine."""
    try:
        value = signing.loads(request.COOKIES.get(name, ""), salt=_salt(name), max_age=SECONDS[name])
    except signing.BadSignature:
        return None
    return value if isinstance(value, int) else None


def find_guest(request: HttpRequest, public_id: str) -> Guest | None:
    """Return the guest who may see one request, by either cookie, or None."""
    link = _load_link(request, ONE, AccessLink.Purpose.REQUEST)
    if link and link.participant and link.participant.ticket.public_id == public_id:
        return Guest(Actor.for_participant(link.participant), link.participant, link)
    link = _load_link(request, ALL, AccessLink.Purpose.ALL)
    if link is None or link.identity is None:
        return None
    actor = Actor.for_identity(link.identity)
    ticket = Ticket.objects.visible_to(actor).filter(public_id=public_id).first()
    participant = _find_participant(ticket, link.identity) if ticket else None
    return Guest(actor, participant, link) if participant else None


def find_identity(request: HttpRequest) -> Identity | None:
    """Return the verified address whose requests this browser may list, or None."""
    link = _load_link(request, ALL, AccessLink.Purpose.ALL)
    return link.identity if link else None


def _find_participant(ticket: Ticket, identity: Identity) -> Participant | None:
    return (
        Participant.objects.accepted()
        .filter(identity=identity, ticket=ticket)
        .select_related("ticket", "customer", "identity")
        .order_by("id")
        .first()
    )


def _load_link(request: HttpRequest, name: str, purpose: str) -> AccessLink | None:
    link_id = read_link_id(request, name)
    if link_id is None:
        return None
    try:
        return links.load_valid_link(pk=link_id, purpose=purpose)
    except NotFound:
        return None


def _build_cookie_path(name: str, link: AccessLink) -> str:
    if name == ONE and link.participant:
        return _build_page_path(link.participant.ticket.public_id)
    return EVERYWHERE if name == ALL else reverse("portal:requests")


def _build_page_path(public_id: str) -> str:
    return reverse("portal:request_page", args=[public_id])


def _salt(name: str) -> str:
    return f"tandem.portal.{name}"

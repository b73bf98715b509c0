"""Who is looking: a signed cookie that a customer's link was exchanged for, checked on each request."""

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

ONE = "request"  # one participant in one ticket; sent to that ticket's pages only
ALL = "requests"  # all requests of a proved address
DOOR = "requests_door"  # a link by mail that was followed but not used yet
EVERYWHERE = "/"  # the form asks too, whether its sender is signed in
SECONDS = {ONE: 30 * 24 * 3600, ALL: 24 * 3600, DOOR: 600}


@dataclass(frozen=True)
class Guest:
    """A customer known by a link: what they may see, and as whom they write."""

    actor: Actor
    participant: Participant
    link: AccessLink

    @property
    def ticket(self) -> Ticket:
        return self.participant.ticket

    @property
    def is_requester(self) -> bool:
        return self.ticket.customer_id == self.participant.customer_id

    def messages(self) -> list[Message]:
        """Return what this guest may read, oldest first. Who joined later does not see what was before."""
        seen = Message.objects.visible_to(self.actor).filter(ticket=self.ticket)
        if not self.is_requester:
            seen = seen.filter(created_at__gte=self.participant.created_at)
        return list(
            seen.select_related("author_user", "author_customer")
            .prefetch_related("attachments", "author_customer__identities")
            .order_by("seq")
        )


def let_in(response: HttpResponse, name: str, link: AccessLink) -> HttpResponse:
    """Give this browser the cookie that stands for a link."""
    response.set_cookie(
        name,
        signing.dumps(link.pk, salt=_salt(name)),
        max_age=SECONDS[name],
        path=_path(name, link),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def forget(request: HttpRequest, response: HttpResponse, public_id: str = "") -> HttpResponse:
    """Take this browser's cookies back: of one and of all. A copy of the latter opens nothing more."""
    link_id = link_in(request, ALL)
    if link_id is not None:
        links.end_visit(link_id, now=database_now())
    if public_id:
        response.delete_cookie(ONE, path=_page(public_id), samesite="Lax")
    response.delete_cookie(ALL, path=EVERYWHERE, samesite="Lax")
    response.delete_cookie(DOOR, path=reverse("portal:requests"), samesite="Lax")
    return response


def link_in(request: HttpRequest, name: str) -> int | None:
    """Return the id of the link that a genuine, young cookie names, or None."""
    try:
        value = signing.loads(request.COOKIES.get(name, ""), salt=_salt(name), max_age=SECONDS[name])
    except signing.BadSignature:
        return None
    return value if isinstance(value, int) else None


def guest_of(request: HttpRequest, public_id: str) -> Guest | None:
    """Return who looks at one request, or None for somebody this browser does not know."""
    link = _standing(request, ONE, AccessLink.Purpose.REQUEST)
    if link and link.participant and link.participant.ticket.public_id == public_id:
        return Guest(Actor.for_participant(link.participant), link.participant, link)
    link = _standing(request, ALL, AccessLink.Purpose.ALL)
    if link is None or link.identity is None:
        return None
    actor = Actor.for_identity(link.identity)
    ticket = Ticket.objects.visible_to(actor).filter(public_id=public_id).first()
    participant = _part_in(ticket, link.identity) if ticket else None
    return Guest(actor, participant, link) if participant else None


def identity_in(request: HttpRequest) -> Identity | None:
    """Return the proved address whose requests this browser may list, or None."""
    link = _standing(request, ALL, AccessLink.Purpose.ALL)
    return link.identity if link else None


def _part_in(ticket: Ticket, identity: Identity) -> Participant | None:
    return (
        Participant.objects.accepted()
        .filter(identity=identity, ticket=ticket)
        .select_related("ticket", "customer", "identity")
        .order_by("id")
        .first()
    )


def _standing(request: HttpRequest, name: str, purpose: str) -> AccessLink | None:
    link_id = link_in(request, name)
    if link_id is None:
        return None
    try:
        return links.load_valid_link(pk=link_id, purpose=purpose)
    except NotFound:
        return None


def _path(name: str, link: AccessLink) -> str:
    if name == ONE and link.participant:
        return _page(link.participant.ticket.public_id)
    return EVERYWHERE if name == ALL else reverse("portal:requests")


def _page(public_id: str) -> str:
    return reverse("portal:request_page", args=[public_id])


def _salt(name: str) -> str:
    return f"tandem.portal.{name}"

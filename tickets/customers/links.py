"""Customers' links: made for one participant, known by digest only, revocable."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.errors import NotFound
from tickets.models import AccessLink, Identity, Participant
from tickets.platform import crypto

ALL_REQUESTS_MINUTES = 10


def make_request_url(participant: Participant, *, now: datetime) -> str:
    """Return the full address of a participant's page, the same one as long as it is not revoked.

    The token is derived from the row and the installation's key, so it can be written into each
    mail without being stored.
    """
    link = participant.links.filter(purpose=AccessLink.Purpose.REQUEST, revoked_at=None).last()
    token = _compute_token(participant, link.created_at) if link else ""
    if link is None or crypto.digest(token) != link.digest:
        token = _compute_token(participant, now)
        AccessLink.objects.create(
            purpose=AccessLink.Purpose.REQUEST,
            participant=participant,
            digest=crypto.digest(token),
            created_at=now,
        )
    return settings.PUBLIC_URL + reverse("portal:enter", args=[token])


def find_participant(token: str, *, now: datetime) -> Participant:
    """Return whom a /r/<token>/ link was given to. Raises NotFound for a wrong, old or revoked one."""
    participant = find_request_link(token, now=now).participant
    if participant is None:
        raise NotFound
    return participant


def find_request_link(token: str, *, now: datetime) -> AccessLink:
    """Return the standing link behind a /r/<token>/. Raises NotFound for a wrong, old or revoked one."""
    link = load_valid_link(digest=crypto.digest(token), purpose=AccessLink.Purpose.REQUEST)
    if link.expires_at is not None and link.expires_at <= now:
        raise NotFound
    if link.used_at is None:
        AccessLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now)
    return link


def load_valid_link(**which: object) -> AccessLink:
    """Return a link that still gives what it was made for, to a browser that has come in by it.

    Raises:
        NotFound: it was revoked, or its participant no longer takes part, or its ticket is spam.
    """
    link = (
        AccessLink.objects.filter(revoked_at=None, **which)
        .select_related(
            "participant__ticket", "participant__customer", "participant__identity", "identity__customer"
        )
        .first()
    )
    if link is None or (link.participant is None and link.identity is None):
        raise NotFound
    if link.identity is not None and link.identity.is_claim:
        raise NotFound
    participant = link.participant
    if participant and (participant.state != Participant.State.ACCEPTED or participant.ticket.is_spam):
        raise NotFound
    return link


def make_all_requests_url(identity: Identity, *, now: datetime) -> str:
    """Return a link to the requests in which a proved address takes part; it works once, for ten minutes."""
    token = secrets.token_urlsafe(32)
    AccessLink.objects.create(
        purpose=AccessLink.Purpose.ALL,
        identity=identity,
        digest=crypto.digest(token),
        created_at=now,
        expires_at=now + timedelta(minutes=ALL_REQUESTS_MINUTES),
    )
    return settings.PUBLIC_URL + reverse("portal:enter_all", args=[token])


def find_unused_link(*, now: datetime, **which: object) -> AccessLink:
    """Return an all-requests link that still works, without using it. Raises NotFound as `use_up` does."""
    link = _filter_live(now).filter(purpose=AccessLink.Purpose.ALL, used_at=None, **which).first()
    if link is None:
        raise NotFound
    return link


def use_link(link: AccessLink, *, now: datetime) -> AccessLink:
    """Use an all-requests link, once. Raises NotFound when it is used or older than ten minutes."""
    used = (
        _filter_live(now).filter(pk=link.pk, purpose=AccessLink.Purpose.ALL, used_at=None).update(used_at=now)
    )
    if not used:
        raise NotFound
    return load_valid_link(pk=link.pk)


def redeem_all_requests_token(token: str, *, now: datetime) -> Identity:
    """Use up an all-requests link; return the address it was mailed to.

    Raises NotFound when it is wrong, used or older than ten minutes.
    """
    link = use_link(find_unused_link(now=now, digest=crypto.digest(token)), now=now)
    if link.identity is None:
        raise NotFound
    return link.identity


def revoke_links(participant: Participant, *, by: Actor = SYSTEM, now: datetime) -> int:
    """End every link of a participant; the next mail to them carries a new one. Return how many ended."""
    with transaction.atomic():
        live = participant.links.filter(revoked_at=None)
        ended = list(live.values_list("pk", flat=True))
        live.update(revoked_at=now)
        for pk in ended:
            events.record("link.revoked", ticket=participant.ticket, by=by, at=now, data={"link": pk})
    return len(ended)


def end_visit(link_id: int, *, now: datetime) -> bool:
    """End what an all-requests link has opened, in whichever browser; return whether it still stood.

    Such a link belongs to one visit. The link to one request stands in the customer's mails and goes on.
    """
    visits = AccessLink.objects.filter(purpose=AccessLink.Purpose.ALL, revoked_at=None)
    return bool(visits.filter(pk=link_id).update(revoked_at=now))


def _compute_token(participant: Participant, made_at: datetime) -> str:
    return crypto.mac("link", f"{participant.public_id}|{made_at.isoformat()}", length=40)


def _filter_live(now: datetime) -> QuerySet[AccessLink]:
    return AccessLink.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)

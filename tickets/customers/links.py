"""Customers' access links: to one request, or to all requests of an address. Only digests are stored."""

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
    """Return the URL of a participant's page; it stays the same until it is revoked.

    The token is derived from the participant and the installation's key. So it can be written into each mail
    again, though it is not stored. A new link is created if there is none or the key has changed.
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
    """Return the participant of a /r/<token>/ link. Raises NotFound for a wrong, expired or revoked one."""
    participant = find_request_link(token, now=now).participant
    if participant is None:
        raise NotFound
    return participant


def find_request_link(token: str, *, now: datetime) -> AccessLink:
    """Return the link of a /r/<token>/ and record its first use.

    Raises NotFound for a wrong, expired or revoked one.
    """
    link = load_valid_link(digest=crypto.digest(token), purpose=AccessLink.Purpose.REQUEST)
    if link.expires_at is not None and link.expires_at <= now:
        raise NotFound
    if link.used_at is None:
        AccessLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now)
    return link


def load_valid_link(**which: object) -> AccessLink:
    """Return the link that `which` selects (fields of AccessLink), if it still gives access.

    Raises:
        NotFound: there is none, it was revoked, its address is no longer proved, its participant no longer
            takes part, or its ticket is spam.
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
    """Create a link to all requests of a proved address; return its URL. It works once, for 10 minutes."""
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
    """Return an all-requests link that can still be used, without using it.

    Raises NotFound if it was used, revoked, or expired.
    """
    link = _filter_live(now).filter(purpose=AccessLink.Purpose.ALL, used_at=None, **which).first()
    if link is None:
        raise NotFound
    return link


def use_link(link: AccessLink, *, now: datetime) -> AccessLink:
    """Use an all-requests link; return it. Raises NotFound if it was used, revoked, or expired.

    The update is guarded by `used_at`: of two requests at the same time, only one uses the link.
    """
    used = (
        _filter_live(now).filter(pk=link.pk, purpose=AccessLink.Purpose.ALL, used_at=None).update(used_at=now)
    )
    if not used:
        raise NotFound
    return load_valid_link(pk=link.pk)


def revoke_links(participant: Participant, *, by: Actor = SYSTEM, now: datetime) -> int:
    """Revoke every link of a participant; return how many. The next mail to them contains a new link."""
    with transaction.atomic():
        live = participant.links.filter(revoked_at=None)
        link_ids = list(live.values_list("pk", flat=True))
        live.update(revoked_at=now)
        for link_id in link_ids:
            events.record("link.revoked", ticket=participant.ticket, by=by, at=now, data={"link": link_id})
    return len(link_ids)


def end_visit(link_id: int, *, now: datetime) -> bool:
    """Revoke an all-requests link, in every browser that uses it; return whether it was still valid.

    Such a link is valid for one visit. The link to one request is part of the customer's mails and stays.
    """
    visits = AccessLink.objects.filter(purpose=AccessLink.Purpose.ALL, revoked_at=None)
    return bool(visits.filter(pk=link_id).update(revoked_at=now))


def _compute_token(participant: Participant, made_at: datetime) -> str:
    return crypto.mac("link", f"{participant.public_id}|{made_at.isoformat()}", length=40)


def _filter_live(now: datetime) -> QuerySet[AccessLink]:
    return AccessLink.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)

"""Addresses and numbers that somebody typed: claims on one conversation, which resolve nobody."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tickets import events
from tickets.actor import Actor
from tickets.customers import links
from tickets.customers.identity import copy_delivery_marks, delete_unused_claim
from tickets.models import Identity, Participant, Ticket

EMAIL = Identity.Kind.EMAIL.value


def add_claim(ticket: Ticket, kind: str, value: str, *, by: Actor, now: datetime) -> Identity:
    """Note an address or number of a ticket's requester, as the visitor or a colleague says.

    It is a claim on this ticket: shown there as not proved, and part of nobody else. A mail address becomes
    the one that is answered, where the requester has none yet, only another claim, or one where mail comes
    back. A claim that is replaced by a corrected one is removed, and links that were mailed to it end.
    """
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
        proved = Identity.objects.proved().filter(customer=ticket.customer_id, kind=kind, value=value)
        known = proved.filter(pk__in=_load_participant_identities(ticket)).first()
        if known is not None:
            return known
        same = Identity.objects.claims().filter(ticket=ticket, kind=kind, value=value[:320]).first()
        claim = same or Identity(ticket=ticket, kind=kind, value=value[:320], created_at=now)
        if same is None:
            claim.customer_id = ticket.customer_id
            copy_delivery_marks(claim)
            claim.save()
            data = {"customer": ticket.customer_id, "kind": kind}
            events.record("identity.added", ticket=ticket, by=by, at=now, data=data)
        if kind == EMAIL:
            _set_reply_address(ticket, claim, by=by, now=now)
    return claim


def find_claimant(ticket: Ticket, value: str) -> Participant | None:
    """Return who takes part in `ticket` by a claim of the mail address `value`, or None."""
    claims = Participant.objects.accepted().filter(
        ticket=ticket, identity__kind=EMAIL, identity__value=value, identity__verified_at=None
    )
    return claims.select_related("identity", "customer").first()


def _load_participant_identities(ticket: Ticket) -> list[int]:
    return list(ticket.participants.exclude(identity=None).values_list("identity", flat=True))


def _set_reply_address(ticket: Ticket, claim: Identity, *, by: Actor, now: datetime) -> None:
    """Make the claim the requester's address, unless they are answered at one that works and is proved."""
    own = ticket.participants.filter(customer=ticket.customer_id).select_related("identity")
    requester: Participant | None = own.first()
    if requester is None or requester.identity_id == claim.pk:
        return
    before = requester.identity
    if before is None or before.kind != EMAIL:
        if requester.address:  # this queue knows one that is proved
            return
    elif not (before.is_claim or before.undeliverable_at):
        return
    else:
        # Whoever reads mail at the earlier address must not speak for the later one by an earlier link.
        links.revoke_links(requester, by=by, now=now)
    requester.identity = claim
    requester.save(update_fields=["identity"])
    if before is not None and before.kind == EMAIL:
        delete_unused_claim(before)

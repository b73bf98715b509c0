"""Claims: addresses and numbers that somebody typed. They belong to one ticket and identify nobody."""

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
    """Add an address or number of a ticket's requester, as typed by the visitor or an agent; return it.

    It is a claim in this ticket, shown there as not proved. If the requester has already proved it in this
    ticket, that identity is returned instead. A mail address becomes the reply address if the requester has
    none, has only another claim, or has one where mail bounces. A claim that is corrected in this way is
    deleted, and the links that were mailed to it are revoked.

    The ticket's row is locked, so that the same claim sent twice is added once.
    """
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
        proved = Identity.objects.proved().filter(customer=ticket.customer_id, kind=kind, value=value)
        already_proved = proved.filter(pk__in=_load_participant_identities(ticket)).first()
        if already_proved is not None:
            return already_proved
        existing = Identity.objects.claims().filter(ticket=ticket, kind=kind, value=value[:320]).first()
        claim = existing or Identity(ticket=ticket, kind=kind, value=value[:320], created_at=now)
        if existing is None:
            claim.customer_id = ticket.customer_id
            copy_delivery_marks(claim)
            claim.save()
            data = {"customer": ticket.customer_id, "kind": kind}
            events.record("identity.added", ticket=ticket, by=by, at=now, data=data)
        if kind == EMAIL:
            _set_reply_address(ticket, claim, by=by, now=now)
    return claim


def answer_elsewhere(participant: Participant, address: str, *, by: Actor, now: datetime) -> None:
    """Set a mail address that a participant gave in their own mail as their reply address.

    It is a claim in this ticket, like one that was typed. Must run in the transaction that processes the
    mail.
    """
    if participant.address.lower() == address:
        return
    same = Identity.objects.claims().filter(ticket=participant.ticket, kind=EMAIL, value=address[:320])
    claim = same.filter(customer=participant.customer_id).first()
    if claim is None:
        if same.exists():  # somebody else's in this ticket
            return
        claim = Identity(ticket=participant.ticket, kind=EMAIL, value=address[:320], created_at=now)
        claim.customer_id = participant.customer_id
        copy_delivery_marks(claim)
        claim.save()
        data = {"customer": participant.customer_id, "kind": EMAIL}
        events.record("identity.added", ticket=participant.ticket, by=by, at=now, data=data)
    links.revoke_links(participant, by=by, now=now)
    participant.identity = claim
    participant.save(update_fields=["identity"])


def find_claimant(ticket: Ticket, value: str) -> Participant | None:
    """Return the participant of `ticket` whose identity is a claim of the mail address `value`, or None."""
    claims = Participant.objects.accepted().filter(
        ticket=ticket, identity__kind=EMAIL, identity__value=value, identity__verified_at=None
    )
    return claims.select_related("identity", "customer").first()


def _load_participant_identities(ticket: Ticket) -> list[int]:
    return list(ticket.participants.exclude(identity=None).values_list("identity", flat=True))


def _set_reply_address(ticket: Ticket, claim: Identity, *, by: Actor, now: datetime) -> None:
    """Make the claim the requester's reply address, unless they have a proved one that works."""
    own = ticket.participants.filter(customer=ticket.customer_id).select_related("identity")
    requester: Participant | None = own.first()
    if requester is None or requester.identity_id == claim.pk:
        return
    before = requester.identity
    if before is None or before.kind != EMAIL:
        if requester.address:  # this queue knows a proved address
            return
    elif not (before.is_claim or before.undeliverable_at):
        return
    else:
        # A reader of the earlier address must not act for the new one by a link that was mailed before.
        links.revoke_links(requester, by=by, now=now)
    requester.identity = claim
    requester.save(update_fields=["identity"])
    if before is not None and before.kind == EMAIL:
        delete_unused_claim(before)

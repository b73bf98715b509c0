"""Addresses and numbers that somebody typed: claims on one conversation, which resolve nobody."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tickets import events
from tickets.actor import Actor
from tickets.customers import links
from tickets.customers.identity import carry_marks, drop_claim
from tickets.models import Identity, Participant, Ticket

EMAIL = Identity.Kind.EMAIL.value


def claim_on_ticket(ticket: Ticket, kind: str, value: str, *, by: Actor, now: datetime) -> Identity:
    """Note an address or number of a ticket's requester, as the visitor or a colleague says.

    It is a claim on this ticket: shown there as not proved, and part of nobody else. A mail address becomes
    the one that is answered, where the requester has none yet, only another claim, or one where mail comes
    back. A claim that is replaced by a corrected one is removed, and links that were mailed to it end.
    """
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
        proved = Identity.objects.proved().filter(customer=ticket.customer_id, kind=kind, value=value)
        known = proved.filter(pk__in=_taking_part(ticket)).first()
        if known is not None:
            return known
        same = Identity.objects.claims().filter(ticket=ticket, kind=kind, value=value[:320]).first()
        claim = same or Identity(ticket=ticket, kind=kind, value=value[:320], created_at=now)
        if same is None:
            claim.customer_id = ticket.customer_id
            carry_marks(claim)
            claim.save()
            data = {"customer": ticket.customer_id, "kind": kind}
            events.record("identity.added", ticket=ticket, by=by, at=now, data=data)
        if kind == EMAIL:
            _answer_there(ticket, claim, by=by, now=now)
    return claim


def answer_elsewhere(participant: Participant, address: str, *, by: Actor, now: datetime) -> None:
    """Answer a participant at a mail address that they wrote in their own mail, beside the one they proved.

    It is a claim on this ticket, like one that was typed. Runs in the transaction that takes the mail in.
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
        carry_marks(claim)
        claim.save()
        data = {"customer": participant.customer_id, "kind": EMAIL}
        events.record("identity.added", ticket=participant.ticket, by=by, at=now, data=data)
    links.revoke(participant, by=by, now=now)
    participant.identity = claim
    participant.save(update_fields=["identity"])


def claimed_by(ticket: Ticket, value: str) -> Participant | None:
    """Return who takes part in `ticket` by a claim of the mail address `value`, or None."""
    claims = Participant.objects.accepted().filter(
        ticket=ticket, identity__kind=EMAIL, identity__value=value, identity__verified_at=None
    )
    return claims.select_related("identity", "customer").first()


def _taking_part(ticket: Ticket) -> list[int]:
    return list(ticket.participants.exclude(identity=None).values_list("identity", flat=True))


def _answer_there(ticket: Ticket, claim: Identity, *, by: Actor, now: datetime) -> None:
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
        links.revoke(requester, by=by, now=now)
    requester.identity = claim
    requester.save(update_fields=["identity"])
    if before is not None and before.kind == EMAIL:
        drop_claim(before)

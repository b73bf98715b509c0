"""A claim is proved: the address that somebody typed has answered in that very conversation."""

from __future__ import annotations

from datetime import datetime

from tickets import events
from tickets.actor import Actor
from tickets.channels.registry import adapters
from tickets.customers import identity
from tickets.customers.identity import ResolvedSender
from tickets.models import Customer, Identity, Participant, Ticket

ANONYMOUS = (Identity.Kind.VISITOR, Identity.Kind.EXTERNAL)


def settle_claim(claim: Participant, known: ResolvedSender, *, now: datetime) -> None:
    """Let the person who has proved a claimed address take the claim's place in its ticket.

    Somebody known by nothing but claims becomes that person, in this ticket alone. A caller who is known by
    their number keeps the ticket, and the address's owner takes part beside them: whoever answers has not
    said that it was they who called.

    Runs in the transaction that takes the mail in; the ticket is locked.
    """
    ticket = claim.ticket
    by = Actor.for_customer(known.customer)
    data = {"customer": known.customer.pk, "kind": str(known.identity.kind)}
    events.record("identity.proved", ticket=ticket, by=by, at=now, data=data)
    for adapter in adapters().values():
        adapter.address_proved(ticket)
    if not _has_proved_identity(claim.customer):
        _replace_claimant(claim, known, by=by, now=now)
    else:
        _add_participant(ticket, known, now=now)


def _has_proved_identity(customer: Customer) -> bool:
    """Tell whether a customer is known by more than claims and sessions that name nobody."""
    return Identity.objects.proved().filter(customer=customer).exclude(kind__in=ANONYMOUS).exists()


def _replace_claimant(claim: Participant, known: ResolvedSender, *, by: Actor, now: datetime) -> None:
    claimant, typed, ticket = claim.customer, claim.identity, claim.ticket
    if claimant.pk == ticket.customer_id:
        identity.change_customer(ticket, known.customer, by=by, now=now)
    elif not ticket.participants.filter(customer=known.customer).exists():  # somebody in copy
        ticket.participants.filter(pk=claim.pk).update(customer=known.customer)
    ticket.participants.filter(customer=claimant).update(state=Participant.State.REFUSED)
    own = ticket.participants.filter(customer=known.customer)
    own.update(identity=known.identity, state=Participant.State.ACCEPTED)
    identity.delete_unused_claim(typed)
    if claimant.name and not known.customer.name:
        known.customer.name = claimant.name
        known.customer.save(update_fields=["name"])
    if not claimant.tickets.exists() and not claimant.identities.exists():
        claimant.merged_into = known.customer
        claimant.save(update_fields=["merged_into"])


def _add_participant(ticket: Ticket, known: ResolvedSender, *, now: datetime) -> None:
    part, is_new = Participant.objects.get_or_create(
        ticket=ticket,
        customer=known.customer,
        defaults={"identity": known.identity, "role": Participant.Role.COPY, "created_at": now},
    )
    if not is_new:
        part.identity, part.state = known.identity, Participant.State.ACCEPTED
        part.save(update_fields=["identity", "state"])

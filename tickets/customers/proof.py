"""Settle a claim that was proved: the owner of the typed address has answered in that conversation."""

from __future__ import annotations

from datetime import datetime

from tickets import events
from tickets.actor import Actor
from tickets.channels.registry import adapters
from tickets.customers import correction, identity
from tickets.customers.correction import Reason
from tickets.customers.identity import ResolvedSender
from tickets.models import Customer, Identity, Participant, Ticket

ANONYMOUS = (Identity.Kind.VISITOR, Identity.Kind.EXTERNAL)


def settle_claim(claim: Participant, known: ResolvedSender, *, now: datetime) -> None:
    """Make the customer who has proved a claimed address a participant of the ticket.

    `claim` is the participant with the claimed address, `known` the customer who proved it.

    A claimant without any proved identity is replaced by that customer, in this ticket only. A claimant who
    has one, such as a caller known by their number, keeps the ticket, and the owner of the address becomes a
    participant in copy: answering from an address does not prove that they made the call.

    Must run in the transaction that processes the mail, with the ticket locked.
    """
    ticket = claim.ticket
    by = Actor.for_customer(known.customer)
    data = {"customer": known.customer.pk, "kind": str(known.identity.kind)}
    events.record("identity.proved", ticket=ticket, by=by, at=now, data=data)
    for adapter in adapters().values():
        adapter.detach_unverified_visitors(ticket)
    if not _has_proved_identity(claim.customer):
        _replace_claimant(claim, known, by=by, now=now)
    else:
        _add_participant(ticket, known, now=now)


def _has_proved_identity(customer: Customer) -> bool:
    """Tell whether a customer has a proved address or number; chat visitors and external ids do not count."""
    return Identity.objects.proved().filter(customer=customer).exclude(kind__in=ANONYMOUS).exists()


def _replace_claimant(claim: Participant, known: ResolvedSender, *, by: Actor, now: datetime) -> None:
    claimant, typed, ticket = claim.customer, claim.identity, claim.ticket
    if claimant.pk == ticket.customer_id:
        correction.set_customer(
            ticket, known.customer, by=by, now=now, identity=known.identity, reason=Reason.PROVED
        )
    elif not ticket.participants.filter(customer=known.customer).exists():  # the claimant is in copy
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
    participant, is_new = Participant.objects.get_or_create(
        ticket=ticket,
        customer=known.customer,
        defaults={"identity": known.identity, "role": Participant.Role.COPY, "created_at": now},
    )
    if not is_new:
        participant.identity, participant.state = known.identity, Participant.State.ACCEPTED
        participant.save(update_fields=["identity", "state"])

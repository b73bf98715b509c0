"""Correct who the customer of a ticket is: who takes part, and where the next answer goes; and undo it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Q

from tickets import events
from tickets.actor import Actor
from tickets.customers import links
from tickets.customers.identity import choose_identity, follow_merges
from tickets.errors import NotFound, WrongState
from tickets.models import Customer, Event, Identity, Participant, Ticket

KIND = "ticket.customer"


class Reason(StrEnum):
    """Why a ticket got another customer."""

    ASKED = "asked"  # several people share its address or number, and an agent has asked
    CORRECTED = "corrected"  # an agent says that it was somebody else
    NUMBER = "number"  # an agent said which number a call came from
    PROVED = "proved"  # the address that was typed has answered
    UNDONE = "undone"


def set_customer(
    ticket: Ticket,
    customer: Customer,
    *,
    by: Actor,
    now: datetime,
    identity: Identity | None = None,
    reason: Reason = Reason.CORRECTED,
) -> bool:
    """Say which customer a ticket is from, and where they are answered; return whether that was news.

    The next answer goes to `identity`, else to the address by which the agent knows the customer, and never
    to an address of the earlier one; links that went to another address end. What is in the outbox already
    goes where it was written to. The earlier customer stays as they were. The customer may be the same, with
    another `identity`.

    Raises:
        NotFound: `identity` is not the customer's.
    """
    if identity is not None and identity.customer_id != customer.pk:
        raise NotFound
    is_same_person = reason is Reason.PROVED  # whoever wrote has proved to be the address's owner
    with transaction.atomic():
        before = _lock(ticket)
        if before == customer.pk and (identity is None or _is_answered_at(ticket, customer, identity)):
            return False
        answered_at = _addresses(ticket)
        # Before the ticket is theirs: what an agent knows of somebody is asked of their tickets.
        identity = identity or _best_address(customer, by=by)
        moved = _remember(ticket, before, customer)
        if before != customer.pk:
            _move(ticket, before, customer, moved, is_same_person=is_same_person, now=now)
        _answer_at(ticket, customer, identity)
        _end_links(ticket, answered_at, is_same_person=is_same_person, by=by, now=now)
        data = {"from": before, "to": customer.pk, "reason": str(reason), "moved": moved}
        events.record(KIND, ticket=ticket, by=by, at=now, data=data)
    return True


def undo_change(ticket: Ticket, *, by: Actor, now: datetime) -> bool:
    """Take back the latest change of a ticket's customer; return whether there was one.

    What was said since stays with whom it was said by, and who was left out since stays left out.

    Raises:
        WrongState: the earlier customer was erased meanwhile.
    """
    with transaction.atomic():
        _lock(ticket)
        change = last_change(ticket)
        if change is None:
            return False
        earlier = Customer.objects.filter(pk=change.data["from"], erased_at=None).first()
        if earlier is None:
            raise WrongState
        answered_at = _addresses(ticket)
        _leave_out_newcomer(ticket, change)
        _give_back(ticket, earlier, change, now=now)
        _end_links(ticket, answered_at, is_same_person=False, by=by, now=now)
        data = {"from": change.data["to"], "to": earlier.pk, "reason": str(Reason.UNDONE)}
        events.record(KIND, ticket=ticket, by=by, at=now, data=data)
    return True


def is_changed_since(ticket: Ticket, moment: datetime) -> bool:
    """Tell whether a colleague has corrected a ticket's customer, or their address, after `moment`."""
    return Event.objects.filter(ticket=ticket, kind=KIND, at__gt=moment, actor_kind="user").exists()


def last_change(ticket: Ticket) -> Event | None:
    """Return the latest change of a ticket's customer by a colleague, if it can be undone."""
    latest = Event.objects.filter(ticket=ticket, kind=KIND).order_by("-id").first()
    if latest is None or latest.actor_kind != "user" or "moved" not in latest.data:
        return None
    return latest if latest.data["to"] == ticket.customer_id else None


def _lock(ticket: Ticket) -> int:
    """Lock the ticket's row, and return whose it is now."""
    locked = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
    if ticket.customer_id != locked.customer_id:
        ticket.customer = locked.customer
    return locked.customer_id


def _is_answered_at(ticket: Ticket, customer: Customer, identity: Identity) -> bool:
    accepted = Participant.objects.accepted().filter(ticket=ticket, customer=customer)
    return accepted.filter(identity=identity).exists()


def _remember(ticket: Ticket, before: int, customer: Customer) -> dict[str, Any]:
    """Return the rows that a change moves, by their ids, so that it can be undone."""
    parts = Participant.objects.filter(ticket=ticket, customer__in=(before, customer.pk)).order_by("pk")
    return {
        "parts": list(map(list, parts.values_list("pk", "customer", "identity", "state"))),
        "claims": [],
        "contacts": list(ticket.contacts.filter(customer_id=before).values_list("pk", flat=True)),
        "messages": list(ticket.messages.filter(author_customer_id=before).values_list("pk", flat=True)),
        "calls": list(ticket.calls.filter(customer_id=before).values_list("pk", flat=True)),
    }


def _move(
    ticket: Ticket,
    before: int,
    customer: Customer,
    moved: dict[str, Any],
    *,
    is_same_person: bool,
    now: datetime,
) -> None:
    """Give the ticket and what was said in it to a customer.

    What was claimed in it for somebody who has a name of their own stays theirs.
    """
    earlier = ticket.customer
    _give_ticket(ticket, customer, now=now)
    _take_place(ticket, before, customer)
    if is_same_person or not earlier.name:
        parts = Participant.objects.filter(ticket=ticket).values("identity")
        here = Identity.objects.claims().filter(Q(ticket=ticket) | Q(pk__in=parts), customer_id=before)
        moved["claims"] = list(here.values_list("pk", flat=True))
        Identity.objects.filter(pk__in=moved["claims"]).update(customer=customer)
    ticket.contacts.filter(pk__in=moved["contacts"]).update(customer=customer)
    ticket.messages.filter(pk__in=moved["messages"]).update(author_customer=customer)
    ticket.calls.filter(pk__in=moved["calls"]).update(customer=customer)


def _leave_out_newcomer(ticket: Ticket, change: Event) -> None:
    """Leave out the corrected customer if they took part by the change alone."""
    data = change.data
    if data["to"] != data["from"]:
        theirs = Participant.objects.filter(ticket=ticket, customer=data["to"])
        before = [pk for pk, *_row in data["moved"]["parts"]]
        theirs.exclude(pk__in=before).update(state=Participant.State.REFUSED)


def _give_back(ticket: Ticket, earlier: Customer, change: Event, *, now: datetime) -> None:
    moved = change.data["moved"]
    _give_ticket(ticket, earlier, now=now)
    for pk, customer_id, identity_id, state in moved["parts"]:
        if customer_id not in (earlier.pk, change.data["to"]):
            continue
        values = {"customer": customer_id, "identity": Identity.objects.filter(pk=identity_id).first()}
        if customer_id == earlier.pk or state != Participant.State.ACCEPTED:
            values["state"] = state
        Participant.objects.filter(pk=pk, ticket=ticket).update(**values)
    Identity.objects.claims().filter(pk__in=moved["claims"]).update(customer=earlier)
    ticket.contacts.filter(pk__in=moved["contacts"]).update(customer=earlier)
    ticket.messages.filter(pk__in=moved["messages"]).update(author_customer=earlier)
    ticket.calls.filter(pk__in=moved["calls"]).update(customer=earlier)


def _give_ticket(ticket: Ticket, customer: Customer, *, now: datetime) -> None:
    ticket.customer = customer
    ticket.updated_at = now
    ticket.save(update_fields=["customer", "updated_at"])


def _take_place(ticket: Ticket, before: int, customer: Customer) -> None:
    """Let a customer take part in the place of the earlier one, who takes part no more."""
    earlier = Participant.objects.filter(ticket=ticket, customer_id=before)
    own = Participant.objects.filter(ticket=ticket, customer=customer)
    if own.update(state=Participant.State.ACCEPTED):
        earlier.update(state=Participant.State.REFUSED)
    elif not earlier.update(customer=customer):
        Participant.objects.create(ticket=ticket, customer=customer, created_at=ticket.updated_at)


def _best_address(customer: Customer, *, by: Actor) -> Identity | None:
    """Return the mail address by which an agent knows a customer best, if there is one."""
    known = choose_identity(customer, by=by) if by.is_user else None
    return known if known is not None and known.kind == Identity.Kind.EMAIL else None


def _answer_at(ticket: Ticket, customer: Customer, identity: Identity | None) -> None:
    """Let the customer be answered at an identity of theirs, and at none of anybody else's."""
    part = Participant.objects.filter(ticket=ticket, customer=customer).select_related("identity").first()
    if part is None:
        return
    if identity is not None:
        part.identity = identity
    elif part.identity is not None and follow_merges(part.identity.customer).pk != customer.pk:
        part.identity = None
    part.state = Participant.State.ACCEPTED
    part.save(update_fields=["identity", "state"])


def _end_links(
    ticket: Ticket,
    answered_at: dict[int, tuple[int, str]],
    *,
    is_same_person: bool,
    by: Actor,
    now: datetime,
) -> None:
    """End the links of whoever is another person now, or is answered at another address."""
    parts = Participant.objects.filter(ticket=ticket).select_related("identity", "ticket")
    for part in parts:
        earlier, address = answered_at.get(part.pk, (None, None))
        if address != part.address or not (is_same_person or earlier == part.customer_id):
            links.revoke_links(part, by=by, now=now)


def _addresses(ticket: Ticket) -> dict[int, tuple[int, str]]:
    """Return who each participant is, and at which address they are answered."""
    parts = Participant.objects.filter(ticket=ticket).select_related("identity", "ticket")
    return {part.pk: (part.customer_id, part.address) for part in parts}

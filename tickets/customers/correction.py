"""Correct a ticket's customer, with the participant and the address of the next reply; and undo it."""

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
    """Set a ticket's customer and the address for replies; return whether anything changed.

    The next reply goes to `identity`, else to the address by which the agent knows the customer, and never to
    an address of the earlier customer. Links that were sent to another address are revoked. Mails that are in
    the outbox already keep their recipient. `customer` may also be the present one, with another `identity`.

    Raises:
        NotFound: `identity` is not the customer's.
    """
    if identity is not None and identity.customer_id != customer.pk:
        raise NotFound
    is_same_person = reason is Reason.PROVED  # whoever wrote has proved to be the address's owner
    with transaction.atomic():
        earlier_id = _lock_ticket(ticket)
        if earlier_id == customer.pk and (identity is None or _has_reply_address(ticket, customer, identity)):
            return False
        addresses_before = _load_reply_addresses(ticket)
        # This must come before the move: an agent knows only the addresses in the customer's own tickets.
        identity = identity or _choose_best_address(customer, by=by)
        moved = _collect_moved_rows(ticket, earlier_id, customer)
        if earlier_id != customer.pk:
            _move_to_customer(ticket, earlier_id, customer, moved, is_same_person=is_same_person, now=now)
        _set_reply_address(ticket, customer, identity)
        _revoke_outdated_links(ticket, addresses_before, by=by, now=now)
        data = {"from": earlier_id, "to": customer.pk, "reason": str(reason), "moved": moved}
        events.record(KIND, ticket=ticket, by=by, at=now, data=data)
    return True


def undo_change(ticket: Ticket, *, by: Actor, now: datetime) -> bool:
    """Undo the latest change of a ticket's customer; return whether there was one.

    Messages that arrived since then keep their author, and a participant who was removed stays removed.

    Raises:
        WrongState: the earlier customer was erased meanwhile.
    """
    with transaction.atomic():
        _lock_ticket(ticket)
        change = find_last_change(ticket)
        if change is None:
            return False
        earlier = Customer.objects.filter(pk=change.data["from"], erased_at=None).first()
        if earlier is None:
            raise WrongState
        addresses_before = _load_reply_addresses(ticket)
        _remove_added_participant(ticket, change)
        _move_back(ticket, earlier, change, now=now)
        _revoke_outdated_links(ticket, addresses_before, by=by, now=now)
        data = {"from": change.data["to"], "to": earlier.pk, "reason": str(Reason.UNDONE)}
        events.record(KIND, ticket=ticket, by=by, at=now, data=data)
    return True


def was_corrected_since(ticket: Ticket, moment: datetime) -> bool:
    """Tell whether a colleague has corrected a ticket's customer, or their address, after `moment`."""
    return Event.objects.filter(ticket=ticket, kind=KIND, at__gt=moment, actor_kind="user").exists()


def find_last_change(ticket: Ticket) -> Event | None:
    """Return the latest change of a ticket's customer by a colleague, if it can be undone."""
    latest = Event.objects.filter(ticket=ticket, kind=KIND).order_by("-id").first()
    if latest is None or latest.actor_kind != "user" or "moved" not in latest.data:
        return None
    return latest if latest.data["to"] == ticket.customer_id else None


def _lock_ticket(ticket: Ticket) -> int:
    """Lock the ticket's row, and return the id of its present customer."""
    locked = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
    if ticket.customer_id != locked.customer_id:
        ticket.customer = locked.customer
    return locked.customer_id


def _has_reply_address(ticket: Ticket, customer: Customer, identity: Identity) -> bool:
    accepted = Participant.objects.accepted().filter(ticket=ticket, customer=customer)
    return accepted.filter(identity=identity).exists()


def _collect_moved_rows(ticket: Ticket, earlier_id: int, customer: Customer) -> dict[str, Any]:
    """Return the rows that a change moves, by their ids, so that it can be undone."""
    parts = Participant.objects.filter(ticket=ticket, customer__in=(earlier_id, customer.pk)).order_by("pk")
    return {
        "parts": list(map(list, parts.values_list("pk", "customer", "identity", "state"))),
        "claims": [],
        "contacts": list(ticket.contacts.filter(customer_id=earlier_id).values_list("pk", flat=True)),
        "messages": list(ticket.messages.filter(author_customer_id=earlier_id).values_list("pk", flat=True)),
        "calls": list(ticket.calls.filter(customer_id=earlier_id).values_list("pk", flat=True)),
    }


def _move_to_customer(
    ticket: Ticket,
    earlier_id: int,
    customer: Customer,
    moved: dict[str, Any],
    *,
    is_same_person: bool,
    now: datetime,
) -> None:
    """Move the ticket, its contacts, messages and calls to `customer`.

    Claims move too if the earlier customer has no name, or is the same person. Otherwise they keep them.
    """
    earlier = ticket.customer
    _set_ticket_customer(ticket, customer, now=now)
    _replace_participant(ticket, earlier_id, customer)
    if is_same_person or not earlier.name:
        parts = Participant.objects.filter(ticket=ticket).values("identity")
        here = Identity.objects.claims().filter(Q(ticket=ticket) | Q(pk__in=parts), customer_id=earlier_id)
        moved["claims"] = list(here.values_list("pk", flat=True))
        Identity.objects.filter(pk__in=moved["claims"]).update(customer=customer)
    ticket.contacts.filter(pk__in=moved["contacts"]).update(customer=customer)
    ticket.messages.filter(pk__in=moved["messages"]).update(author_customer=customer)
    ticket.calls.filter(pk__in=moved["calls"]).update(customer=customer)


def _remove_added_participant(ticket: Ticket, change: Event) -> None:
    """Remove the corrected customer from the participants if the change alone had added them."""
    data = change.data
    if data["to"] != data["from"]:
        participants = Participant.objects.filter(ticket=ticket, customer=data["to"])
        earlier_ids = [pk for pk, *_row in data["moved"]["parts"]]
        participants.exclude(pk__in=earlier_ids).update(state=Participant.State.REFUSED)


def _move_back(ticket: Ticket, earlier: Customer, change: Event, *, now: datetime) -> None:
    moved = change.data["moved"]
    _set_ticket_customer(ticket, earlier, now=now)
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


def _set_ticket_customer(ticket: Ticket, customer: Customer, *, now: datetime) -> None:
    ticket.customer = customer
    ticket.updated_at = now
    ticket.save(update_fields=["customer", "updated_at"])


def _replace_participant(ticket: Ticket, earlier_id: int, customer: Customer) -> None:
    """Make `customer` the participant in place of the earlier one."""
    earlier = Participant.objects.filter(ticket=ticket, customer_id=earlier_id)
    own = Participant.objects.filter(ticket=ticket, customer=customer)
    if own.update(state=Participant.State.ACCEPTED):
        earlier.update(state=Participant.State.REFUSED)
    elif not earlier.update(customer=customer):
        Participant.objects.create(ticket=ticket, customer=customer, created_at=ticket.updated_at)


def _choose_best_address(customer: Customer, *, by: Actor) -> Identity | None:
    """Return the customer's mail address that the agent's queues know, if there is one."""
    known = choose_identity(customer, by=by) if by.is_user else None
    return known if known is not None and known.kind == Identity.Kind.EMAIL else None


def _set_reply_address(ticket: Ticket, customer: Customer, identity: Identity | None) -> None:
    """Set the identity to which replies go, or clear it if it belongs to somebody else."""
    part = Participant.objects.filter(ticket=ticket, customer=customer).select_related("identity").first()
    if part is None:
        return
    if identity is not None:
        part.identity = identity
    elif part.identity is not None and follow_merges(part.identity.customer).pk != customer.pk:
        part.identity = None
    part.state = Participant.State.ACCEPTED
    part.save(update_fields=["identity", "state"])


def _revoke_outdated_links(
    ticket: Ticket, addresses_before: dict[int, tuple[int, str]], *, by: Actor, now: datetime
) -> None:
    """Revoke the links of participants who are answered at another address than before.

    A link that was mailed to the address that is still answered stays: only its owner has it. Without an
    address, the customer decides. `addresses_before` is what `_load_reply_addresses` returned before.
    """
    parts = Participant.objects.filter(ticket=ticket).select_related("identity", "ticket")
    for part in parts:
        earlier_id, address = addresses_before.get(part.pk, (None, None))
        if address != part.address or not (address or earlier_id == part.customer_id):
            links.revoke_links(part, by=by, now=now)


def _load_reply_addresses(ticket: Ticket) -> dict[int, tuple[int, str]]:
    """Return the customer's id and the address for replies of each participant, by the participant's id."""
    parts = Participant.objects.filter(ticket=ticket).select_related("identity", "ticket")
    return {part.pk: (part.customer_id, part.address) for part in parts}

"""Who somebody is: find or make the customer behind an identity, and settle whose a shared number is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tickets import events
from tickets.actor import Actor
from tickets.channels.base import Sender
from tickets.errors import Invalid, NotAllowed
from tickets.models import Customer, Identity, Participant, Ticket
from tickets.models.composed import composed
from tickets.new_rows import mark_written

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))"
# Somebody new with their address, in one statement; nobody, where another has made them meanwhile.
MAKE = """
WITH numbered AS (SELECT nextval('tickets_customer_id_seq') AS customer_id),
made AS (
    INSERT INTO tickets_identity (customer_id, kind, value, display, verified_at, verified_how, created_at)
    SELECT customer_id, %s, %s, %s, %s, %s, %s FROM numbered ON CONFLICT DO NOTHING RETURNING id, customer_id
)
INSERT INTO tickets_customer (id, public_id, name, language, time_zone, place, notes, is_demo, created_at)
SELECT customer_id, %s, %s, %s, '', '', '', false, %s FROM made RETURNING id, (SELECT id FROM made)
"""


@dataclass(frozen=True)
class Known:
    """The customer behind a sender, through which identity, and whether they are new or one of several."""

    customer: Customer
    identity: Identity
    is_new: bool = False
    candidates: tuple[int, ...] = ()


def resolve(sender: Sender, *, language: str, now: datetime, is_new: bool = False) -> Known:
    """Return the customer of `sender`, made when nobody has that identity yet.

    A caller who has just seen that nobody has it says so (`is_new`).

    A phone number shared by several customers is never guessed: a new, unnamed customer is made and
    `candidates` names the others for an agent to choose from (`say_who`). Runs inside a transaction.

    Raises:
        Invalid: the sender has no value.
    """
    if not sender.value:
        raise Invalid(code="no_sender")
    known = (None if is_new else _find(sender)) or _make(sender, language=language, now=now)
    _learn(known, sender, now=now)
    return known


def say_who(ticket: Ticket, customer: Customer, *, by: Actor, now: datetime) -> bool:
    """Say which customer a ticket is really from; the earlier one stays as they were."""
    if ticket.customer_id == customer.pk:
        return False
    with transaction.atomic():
        before = ticket.customer_id
        ticket.customer = customer
        ticket.updated_at = now
        ticket.save(update_fields=["customer", "updated_at"])
        Participant.objects.filter(ticket=ticket, customer_id=before).exclude(
            ticket__participants__customer=customer
        ).update(customer=customer)
        ticket.contacts.filter(customer_id=before).update(customer=customer)
        ticket.messages.filter(author_customer_id=before).update(author_customer=customer)
        ticket.calls.filter(customer_id=before).update(customer=customer)
        moved = {"from": before, "to": customer.pk}
        events.record("ticket.customer", ticket=ticket, by=by, at=now, data=moved)
    return True


def add_identity(customer: Customer, kind: str, value: str, *, by: Actor, now: datetime) -> Identity:
    """Note another address or number of a customer, as told by a person.

    Raises:
        Invalid: an address that already belongs to somebody else (merge the two instead).
        NotAllowed: the address would open requests that the person who adds it may not see.
    """
    if kind == Identity.Kind.EMAIL and by.is_user and _has_hidden_requests(customer, by):
        raise NotAllowed(
            _("This customer also has requests in queues that are not yours. Ask somebody who works there.")
        )
    taken = Identity.objects.filter(kind=kind, value=value).exclude(customer=customer)
    if kind != Identity.Kind.PHONE and taken.exists():
        raise Invalid(code="identity_taken")
    identity, made = Identity.objects.get_or_create(
        customer=customer, kind=kind, value=value, defaults={"created_at": now}
    )
    if made:
        events.record("identity.added", by=by, at=now, data={"customer": customer.pk, "kind": kind})
    return identity


def survivor(customer: Customer) -> Customer:
    """Follow merges to the customer who stands for this one now."""
    for _step in range(20):
        if customer.merged_into is None:
            return customer
        customer = customer.merged_into
    return customer


def _has_hidden_requests(customer: Customer, by: Actor) -> bool:
    """Tell whether a customer has requests beside those a person may see; a link by mail shows them all."""
    seen = Ticket.objects.visible_to(by).filter(customer=customer)
    return Ticket.objects.filter(customer=customer).exclude(pk__in=seen.values("pk")).exists()


@composed
def _same(kind: str, value: str) -> QuerySet[Identity]:
    same = Identity.objects.filter(kind=kind, value=value)
    return same.select_related("customer", "customer__merged_into").order_by("id")[:10]


def _find(sender: Sender) -> Known | None:
    matches = _same(sender.kind, sender.value[:320])
    people = {survivor(i.customer).pk: i for i in matches if i.customer.name or len(matches) == 1}
    if len(people) == 1:
        identity = next(iter(people.values()))
        return Known(survivor(identity.customer), identity)
    if not matches:
        return None
    # Several people share the number: reuse the one unnamed customer who stands for "somebody of these".
    unnamed = next((i for i in matches if not i.customer.name and i.customer.merged_into_id is None), None)
    if unnamed is None:
        return None
    return Known(unnamed.customer, unnamed, candidates=tuple(people))


def _make(sender: Sender, *, language: str, now: datetime) -> Known:
    """Make the customer of an identity that nobody has. Who makes the same one meanwhile is waited for."""
    candidates: tuple[int, ...] = ()
    if sender.kind == Identity.Kind.PHONE:  # several may have it: one maker at a time, until the commit
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [f"{sender.kind}:{sender.value}"])
        if (known := _find(sender)) is not None:
            return known
        candidates = tuple(dict.fromkeys(i.customer_id for i in _same(sender.kind, sender.value[:320])))
    customer = Customer(name="" if candidates else sender.name[:200], language=language, created_at=now)
    identity = Identity(
        kind=sender.kind,
        value=sender.value[:320],
        display=sender.display[:320],
        verified_at=now if sender.is_verified else None,
        verified_how="channel" if sender.is_verified else "",
        created_at=now,
    )
    if _insert(customer, identity):
        return Known(customer, identity, is_new=True, candidates=candidates)
    return _find(sender) or _make(sender, language=language, now=now)


def _insert(customer: Customer, identity: Identity) -> bool:
    """Insert the two; return False where the address is somebody's already."""
    values = [
        *(identity.kind, identity.value, identity.display, identity.verified_at, identity.verified_how),
        *(identity.created_at, customer.public_id, customer.name, customer.language, customer.created_at),
    ]
    with connection.cursor() as cursor:
        cursor.execute(MAKE, values)
        numbers = cursor.fetchone()
    if numbers is None:
        return False
    for row, number in zip((customer, identity), numbers, strict=True):
        mark_written(row, number)
    identity.customer = customer
    return True


def _learn(known: Known, sender: Sender, *, now: datetime) -> None:
    """Take a name for somebody who had none, and a proof of their identity."""
    if sender.name and not known.customer.name and not known.candidates:
        known.customer.name = sender.name[:200]
        known.customer.save(update_fields=["name"])
    if sender.is_verified and known.identity.verified_at is None:
        known.identity.verified_at, known.identity.verified_how = now, "channel"
        known.identity.save(update_fields=["verified_at", "verified_how"])
    if known.identity.undeliverable_at is not None and sender.kind == Identity.Kind.EMAIL:
        known.identity.undeliverable_at = None  # whoever writes from there reads there again
        known.identity.save(update_fields=["undeliverable_at"])

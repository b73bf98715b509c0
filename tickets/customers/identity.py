"""Find or create the customer of a sender."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from tickets import prepared
from tickets.actor import Actor
from tickets.channels.base import Sender
from tickets.errors import Invalid
from tickets.models import Customer, Identity, Participant
from tickets.models.customers.customer import IdentityQuerySet
from tickets.platform import locks
from tickets.platform.locks import KeyedLock


@dataclass(frozen=True)
class ResolvedSender:
    """The customer of a sender, the identity that led to them, and how certain that is.

    `is_new`: the customer was just created. `candidates`: ids of customers who share the phone number.
    """

    customer: Customer
    identity: Identity
    is_new: bool = False
    candidates: tuple[int, ...] = ()


def resolve_sender(sender: Sender, *, language: str, now: datetime) -> ResolvedSender:
    """Return the customer who has proved the sender's identity, or a new customer.

    A sender whose address was only typed (not `is_verified`) is always a new customer with a claim: nobody
    becomes a known customer by typing an address.

    If several customers share a phone number, a new customer without a name is created, and `candidates`
    lists the others, from whom an agent can choose (`correction.set_customer`).

    Must run inside a transaction: a lock on a new phone number is held until it ends.

    Raises:
        Invalid: the sender has no value.
    """
    if not sender.value:
        raise Invalid(code="no_sender")
    if not sender.is_verified:
        return _create_claimant(sender, language=language, now=now)
    known = _find(sender) or _create_proved(sender, language=language, now=now)
    _update_resolved(known, sender)
    return known


def resolve_named_customer(customer_id: int, sender: Sender, *, now: datetime) -> ResolvedSender | None:
    """Return a customer whom the channel or an agent has named, with the sender's identity.

    An identity that the customer has not used before is added as a claim. Return None if the sender proves a
    mail address that is only a claim of this customer: the owner of the address must be resolved then.
    """
    customer = Customer.objects.get(pk=customer_id)
    own = Identity.objects.filter(customer=customer, kind=sender.kind, value=sender.value[:320])
    identity = own.order_by(F("verified_at").asc(nulls_last=True), "pk").first()
    if sender.kind == Identity.Kind.EMAIL and sender.is_verified:
        return ResolvedSender(customer, identity) if identity is not None and not identity.is_claim else None
    if identity is None:
        identity = _build_identity(sender, now=now)
        identity.customer = customer
        identity.save()
    return ResolvedSender(customer, identity)


def choose_identity(customer: Customer, *, by: Actor) -> Identity | None:
    """Return the identity by which the actor `by` can best contact a customer, or None.

    Only identities that the actor may see. Mail addresses come first, then those that work, then proved ones,
    then the latest.
    """
    visible = Identity.objects.visible_to(by).filter(customer=customer).exclude(kind=Identity.Kind.VISITOR)
    ordered = visible.annotate(is_email=Q(kind=Identity.Kind.EMAIL)).order_by(
        F("is_email").desc(),
        F("undeliverable_at").asc(nulls_first=True),
        F("verified_at").desc(nulls_last=True),
        "-pk",
    )
    return ordered.first()


def copy_delivery_marks(claim: Identity) -> None:
    """Copy to a new claim whether mail to its address bounces, or its owner marked our mail as spam."""
    if claim.kind == Identity.Kind.EMAIL:
        for returned_at, complained_at in prepared.load_marks(claim.kind, claim.value):
            claim.undeliverable_at, claim.complained_at = returned_at, complained_at


def delete_unused_claim(claim: Identity | None) -> None:
    """Delete a claim that was corrected or proved, unless it is still the address of a participant."""
    if claim is not None and claim.is_claim and not Participant.objects.filter(identity=claim).exists():
        claim.delete()


def find_customer(kind: str, value: str, *, among: IdentityQuerySet) -> Customer | None:
    """Return the customer whom an agent means by an address or number, or None.

    `among` are the identities that the agent may see (`visible_to`), so an address that only other queues
    know finds nobody. Proved identities come before claims, newer before older ones. A phone number that
    several visible customers share finds nobody.
    """
    matches = among.filter(kind=kind, value=value[:320], customer__erased_at=None)
    rows = list(matches.select_related("customer__merged_into").order_by("-pk")[:10])
    rows = [row for row in rows if not row.is_claim] or rows
    people = {follow_merges(row.customer).pk: follow_merges(row.customer) for row in rows}
    if len(people) > 1 and kind == Identity.Kind.PHONE:
        return None
    return next(iter(people.values()), None)


def follow_merges(customer: Customer) -> Customer:
    """Return the customer into whom this one was merged, or the customer itself."""
    for _step in range(20):
        if customer.merged_into is None:
            return customer
        customer = customer.merged_into
    return customer


def _load_proved(sender: Sender) -> list[Identity]:
    return prepared.load_proved_identities(sender.kind, sender.value[:320])


def _find(sender: Sender) -> ResolvedSender | None:
    matches = _load_proved(sender)
    people = {follow_merges(i.customer).pk: i for i in matches if i.customer.name or len(matches) == 1}
    if len(people) == 1:
        identity = next(iter(people.values()))
        return ResolvedSender(follow_merges(identity.customer), identity)
    if not matches:
        return None
    # Several people share the number: reuse the unnamed customer who stands for "one of them".
    unnamed = next((i for i in matches if not i.customer.name and i.customer.merged_into_id is None), None)
    if unnamed is None:
        return None
    return ResolvedSender(unnamed.customer, unnamed, candidates=tuple(people))


def _create_proved(sender: Sender, *, language: str, now: datetime) -> ResolvedSender:
    """Create the customer of an identity that nobody has proved.

    Another transaction may do the same at this moment. A unique constraint makes this one wait for it, and
    its customer is returned. A phone number has no such constraint, since several customers may share it: a
    lock on the number, held until the commit, takes its place.
    """
    candidates: tuple[int, ...] = ()
    if sender.kind == Identity.Kind.PHONE:
        locks.acquire_keyed_lock(KeyedLock.SENDER, f"{sender.kind}:{sender.value}")
        if (known := _find(sender)) is not None:
            return known
        candidates = tuple(dict.fromkeys(i.customer_id for i in _load_proved(sender)))
    customer = Customer(name="" if candidates else sender.name[:200], language=language, created_at=now)
    identity = _build_identity(sender, now=now)
    identity.verified_at, identity.verified_how = now, "channel"
    try:
        with transaction.atomic():
            _save(customer, identity)
    except IntegrityError:  # another transaction has created the same customer
        return _find(sender) or _create_proved(sender, language=language, now=now)
    return ResolvedSender(customer, identity, is_new=True, candidates=candidates)


def _create_claimant(sender: Sender, *, language: str, now: datetime) -> ResolvedSender:
    customer = Customer(name=sender.name[:200], language=language, created_at=now)
    identity = _build_identity(sender, now=now)
    copy_delivery_marks(identity)
    _save(customer, identity)
    return ResolvedSender(customer, identity, is_new=True)


def _build_identity(sender: Sender, *, now: datetime) -> Identity:
    return Identity(kind=sender.kind, value=sender.value[:320], display=sender.display[:320], created_at=now)


def _save(customer: Customer, identity: Identity) -> None:
    customer.save(force_insert=True)
    identity.customer = customer
    identity.save(force_insert=True)


def _update_resolved(known: ResolvedSender, sender: Sender) -> None:
    """Set the name of a customer who had none, and clear the mark that mail to them bounces."""
    if sender.name and not known.customer.name and not known.candidates:
        known.customer.name = sender.name[:200]
        known.customer.save(update_fields=["name"])
    if known.identity.undeliverable_at is not None and sender.kind == Identity.Kind.EMAIL:
        known.identity.undeliverable_at = None  # they write from the address, so they can read mail there
        known.identity.save(update_fields=["undeliverable_at"])

"""Who somebody is: find or make the customer behind an identity, and settle whose a shared number is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q

from tickets import events, prepared
from tickets.actor import Actor
from tickets.channels.base import Sender
from tickets.customers import links
from tickets.errors import Invalid
from tickets.models import Customer, Identity, Participant, Ticket
from tickets.models.customers.customer import IdentityQuerySet
from tickets.platform import locks
from tickets.platform.locks import KeyedLock


@dataclass(frozen=True)
class ResolvedSender:
    """The customer behind a sender, through which identity, and whether they are new or one of several."""

    customer: Customer
    identity: Identity
    is_new: bool = False
    candidates: tuple[int, ...] = ()


def resolve_sender(sender: Sender, *, language: str, now: datetime) -> ResolvedSender:
    """Return the customer of `sender`: the one who has proved that identity, or somebody new.

    A sender whose address was only typed (not `is_verified`) is somebody new each time, with a claim: nobody
    becomes a known customer by typing.

    A phone number shared by several customers is never guessed: a new, unnamed customer is made and
    `candidates` names the others for an agent to choose from (`say_who`). Runs inside a transaction.

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
    """Return a customer whom the channel or a colleague names, with the identity they speak by.

    A number that they have not used before is noted as a claim. None: they prove a mail address that was only
    claimed for them, so whose it is has to be resolved.
    """
    customer = Customer.objects.get(pk=customer_id)
    own = Identity.objects.filter(customer=customer, kind=sender.kind, value=sender.value[:320])
    same = own.order_by(F("verified_at").asc(nulls_last=True), "pk").first()
    if sender.kind == Identity.Kind.EMAIL and sender.is_verified:
        return ResolvedSender(customer, same) if same is not None and not same.is_claim else None
    if same is None:
        same = _build_identity(sender, now=now)
        same.customer = customer
        same.save()
    return ResolvedSender(customer, same)


def choose_identity(customer: Customer, *, by: Actor) -> Identity | None:
    """Return what an agent knows a customer by: a mail address first, one that works, proved, the latest."""
    known = Identity.objects.visible_to(by).filter(customer=customer).exclude(kind=Identity.Kind.VISITOR)
    in_order = known.annotate(is_email=Q(kind=Identity.Kind.EMAIL)).order_by(
        F("is_email").desc(),
        F("undeliverable_at").asc(nulls_first=True),
        F("verified_at").desc(nulls_last=True),
        "-pk",
    )
    return in_order.first()


def copy_delivery_marks(claim: Identity) -> None:
    """Let a new claim know that mail to its address comes back, or that its owner called our mail spam."""
    if claim.kind == Identity.Kind.EMAIL:
        same = Identity.objects.filter(kind=claim.kind, value=claim.value)
        marks = same.aggregate(Max("undeliverable_at"), Max("complained_at"))
        claim.undeliverable_at = marks["undeliverable_at__max"]
        claim.complained_at = marks["complained_at__max"]


def delete_unused_claim(claim: Identity | None) -> None:
    """Remove a claim that was corrected or proved, unless another conversation is still answered there."""
    if claim is not None and claim.is_claim and not Participant.objects.filter(identity=claim).exists():
        claim.delete()


def find_customer(kind: str, value: str, *, among: IdentityQuerySet) -> Customer | None:
    """Return the customer that an agent means by an address or number.

    `among` are the identities that the agent may see (`visible_to`): nothing that only other queues know is
    found. A proved identity goes before a claim, the newest before older ones. A phone number that several
    visible customers share means nobody.
    """
    seen = among.filter(kind=kind, value=value[:320], customer__erased_at=None)
    rows = list(seen.select_related("customer__merged_into").order_by("-pk")[:10])
    rows = [row for row in rows if not row.is_claim] or rows
    people = {follow_merges(row.customer).pk: follow_merges(row.customer) for row in rows}
    if len(people) > 1 and kind == Identity.Kind.PHONE:
        return None
    return next(iter(people.values()), None)


def change_customer(ticket: Ticket, customer: Customer, *, by: Actor, now: datetime) -> bool:
    """Say which customer a ticket is really from; the earlier one stays as they were.

    Whom an agent names is answered at the address by which that agent knows them, if they know one; the link
    that went to another address ends.
    """
    if ticket.customer_id == customer.pk:
        return False
    known = choose_identity(customer, by=by) if by.is_user else None
    with transaction.atomic():
        before = ticket.customer_id
        answered_at = _load_reply_addresses(ticket)
        ticket.customer = customer
        ticket.updated_at = now
        ticket.save(update_fields=["customer", "updated_at"])
        _replace_participant(ticket, before, customer)
        parts = Participant.objects.filter(ticket=ticket).values("identity")
        here = Identity.objects.claims().filter(Q(ticket=ticket) | Q(pk__in=parts), customer_id=before)
        here.update(customer=customer)
        if known is not None and known.kind == Identity.Kind.EMAIL:
            Participant.objects.filter(ticket=ticket, customer=customer).update(identity=known)
        for part, address in _load_reply_addresses(ticket).items():
            if address != answered_at[part]:
                links.revoke_links(part, by=by, now=now)
        ticket.contacts.filter(customer_id=before).update(customer=customer)
        ticket.messages.filter(author_customer_id=before).update(author_customer=customer)
        ticket.calls.filter(customer_id=before).update(customer=customer)
        moved = {"from": before, "to": customer.pk}
        events.record("ticket.customer", ticket=ticket, by=by, at=now, data=moved)
    return True


def _replace_participant(ticket: Ticket, before: int, customer: Customer) -> None:
    """Let a customer take part in the place of the earlier one, who takes part no more."""
    earlier = Participant.objects.filter(ticket=ticket, customer_id=before)
    if Participant.objects.filter(ticket=ticket, customer=customer).update(state=Participant.State.ACCEPTED):
        earlier.update(state=Participant.State.REFUSED)
    else:
        earlier.update(customer=customer)


def _load_reply_addresses(ticket: Ticket) -> dict[Participant, str]:
    """Return at which address each participant is answered."""
    parts = Participant.objects.filter(ticket=ticket).select_related("identity", "ticket")
    return {part: part.address for part in parts}


def follow_merges(customer: Customer) -> Customer:
    """Follow merges to the customer who stands for this one now."""
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
    # Several people share the number: reuse the one unnamed customer who stands for "somebody of these".
    unnamed = next((i for i in matches if not i.customer.name and i.customer.merged_into_id is None), None)
    if unnamed is None:
        return None
    return ResolvedSender(unnamed.customer, unnamed, candidates=tuple(people))


def _create_proved(sender: Sender, *, language: str, now: datetime) -> ResolvedSender:
    """Make the customer of an identity that nobody has. Who makes the same one meanwhile is waited for."""
    candidates: tuple[int, ...] = ()
    if sender.kind == Identity.Kind.PHONE:  # several may have it: one maker at a time, until the commit
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
    except IntegrityError:  # somebody else has made the same person meanwhile
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
    """Take a name for somebody who had none, and that their mailbox works."""
    if sender.name and not known.customer.name and not known.candidates:
        known.customer.name = sender.name[:200]
        known.customer.save(update_fields=["name"])
    if known.identity.undeliverable_at is not None and sender.kind == Identity.Kind.EMAIL:
        known.identity.undeliverable_at = None  # whoever writes from there reads there again
        known.identity.save(update_fields=["undeliverable_at"])

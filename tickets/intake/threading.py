"""Which ticket a received message belongs to, and why: layers from the surest sign to the weakest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q

from tickets.channels.base import InboundMessage, Sign
from tickets.channels.registry import adapter_for
from tickets.customers.claims import find_claimant
from tickets.delivery import tokens
from tickets.models import Channel, Company, Customer, Participant, Ticket
from tickets.states import State


class Verdict(StrEnum):
    """What to do with a message: join, be held for an agent's yes, open a ticket, or a linked one."""

    APPEND = "append"
    HOLD = "hold"
    LINK = "link"
    OPEN = "open"


@dataclass(frozen=True)
class Match:
    """The ticket found (if any), by which layer, and what that allows.

    `claim` is the participant whose claimed address the sender has proved with this message.
    """

    verdict: Verdict
    ticket: Ticket | None = None
    layer: str = ""
    link_kind: str = ""
    is_suspicious: bool = False
    claim: Participant | None = None


NOTHING = Match(Verdict.OPEN)


def find_ticket(source: InboundMessage, customer: Customer, *, channel: Channel, now: datetime) -> Match:
    """Return where `source` belongs.

    A strong sign (our signed id or address) from somebody who takes part appends; from anyone else
    it is held. A weak sign (a customer's own id, a number in the subject) from somebody who takes
    part appends; from anyone else, and from an address that was merely typed, it opens a new ticket, linked.
    Somebody who takes part by a claim proves it by a strong sign: our mail went to the claimed address alone.
    Where one layer names several tickets, the one that the sender takes part in wins, then the newest.
    """
    refused: Match | None = None
    for layer in _signs(source, channel):
        if refused is not None and refused.layer != layer.name:
            break
        ticket = _survivor(layer.ticket)
        if ticket.is_spam:
            continue
        if _takes_part(ticket, customer):
            link_kind = _link_instead(source, layer, ticket, channel=channel, now=now)
            verdict = Verdict.LINK if link_kind else Verdict.APPEND
            return Match(verdict, ticket, layer.name, link_kind=link_kind)
        if (claim := _claim_of(ticket, source)) is not None:
            return _by_claim(claim, layer, ticket)
        refused = refused or _of_a_stranger(layer, ticket)
    return refused or NOTHING


def _claim_of(ticket: Ticket, source: InboundMessage) -> Participant | None:
    """Return the claim on `ticket` that this sender can prove: the same mail address, not only typed."""
    sender = source.sender
    return find_claimant(ticket, sender.value) if sender.kind == "email" and sender.is_verified else None


def _by_claim(claim: Participant, layer: Sign, ticket: Ticket) -> Match:
    if layer.is_strong:
        return Match(Verdict.APPEND, ticket, layer.name, claim=claim)
    return Match(Verdict.LINK, ticket, layer.name, link_kind="quotes")


def _of_a_stranger(layer: Sign, ticket: Ticket) -> Match:
    if layer.is_strong:
        return Match(Verdict.HOLD, ticket, layer.name)
    return Match(Verdict.LINK, ticket, layer.name, link_kind="quotes", is_suspicious=True)


def _signs(source: InboundMessage, channel: Channel) -> Iterator[Sign]:
    """Yield what names a ticket: what the channel knows, its own signs, then what anybody may write."""
    if source.ticket_id is not None:
        ticket = Ticket.objects.filter(pk=source.ticket_id).first()
        if ticket:
            yield Sign(source.layer or "channel", is_strong=True, ticket=ticket)
    yield from adapter_for(channel.slug).signs(source)
    yield from sign_of("body_token", tokens.find_ticket_id(source.text), is_strong=False)
    if numbers := tokens.find_tagged_numbers(source.subject):
        named = Ticket.objects.in_bulk(numbers)
        for number in numbers:
            if number in named:
                yield Sign("subject", is_strong=False, ticket=named[number])


def sign_of(layer: str, public_id: str, *, is_strong: bool) -> Iterator[Sign]:
    """Yield the sign of the ticket that a public id names, if there is such a ticket."""
    if public_id:
        ticket = Ticket.objects.filter(public_id=public_id).first()
        if ticket:
            yield Sign(layer, is_strong=is_strong, ticket=ticket)


def _survivor(ticket: Ticket) -> Ticket:
    for _ in range(20):
        if ticket.merged_into is None:
            return ticket
        ticket = ticket.merged_into
    return ticket


def _takes_part(ticket: Ticket, customer: Customer) -> bool:
    if ticket.customer_id == customer.pk:
        return True
    same = Q(customer=customer) | Q(customer__merged_into=customer)
    return Participant.objects.accepted().filter(same, ticket=ticket).exists()


def _link_instead(
    source: InboundMessage, layer: Sign, ticket: Ticket, *, channel: Channel, now: datetime
) -> str:
    """Return how a ticket of its own is linked to the one that is cited, or an empty text to append there."""
    if source.is_typed and not layer.is_strong:
        return "quotes"
    if _is_too_old(ticket, now):
        return "continues"
    if channel.pk == ticket.channel_id:
        return ""
    sign = replace(layer, ticket=ticket)  # where it was merged into another
    return "forwarded" if adapter_for(channel.slug).is_another_matter(source, sign, channel) else ""


def _is_too_old(ticket: Ticket, now: datetime) -> bool:
    if ticket.state != State.CLOSED or ticket.closed_at is None:
        return False
    return now - ticket.closed_at > timedelta(days=Company.current().reopen_days)

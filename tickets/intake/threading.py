"""Find the ticket of a received message, by its references from the most to the least reliable."""

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

NUMBER = "subject"  # the only sign that needs nothing of the ticket to be known


class Verdict(StrEnum):
    """What to do with a message: append it, hold it for an agent's approval, or open a (linked) ticket."""

    APPEND = "append"
    HOLD = "hold"
    LINK = "link"
    OPEN = "open"


@dataclass(frozen=True)
class Match:
    """The ticket found, if any, the rule that found it (`layer`), and what to do.

    `claim` is the participant whose claimed address this message verifies. `is_guessed`: what refers to the
    ticket could be written by somebody who has seen none of its messages.
    """

    verdict: Verdict
    ticket: Ticket | None = None
    layer: str = ""
    link_kind: str = ""
    is_suspicious: bool = False
    claim: Participant | None = None
    is_guessed: bool = False


NOTHING = Match(Verdict.OPEN)


def find_ticket(source: InboundMessage, customer: Customer, *, channel: Channel, now: datetime) -> Match:
    """Return the ticket of a message, and what to do with it.

    With a strong reference (our signed id or address), a participant's message is appended, and anybody
    else's is held. With a weak one (a customer's own id, a number in the subject), a participant's message is
    appended; anybody else's, and one whose sender was merely typed, opens a new ticket that is linked.
    A participant with a claimed address verifies it by a strong reference, since our mail went to that
    address only; a participant in copy also by answering the mail that they got as a copy. If one rule finds
    several tickets, one with the sender as participant comes first, then the newest.
    """
    refused: Match | None = None
    for layer in signs_of(source, channel):
        if refused is not None and refused.layer != layer.name:
            break
        ticket = survivor(layer.ticket)
        if ticket.is_spam:
            continue
        if _takes_part(ticket, customer):
            link_kind = _link_instead(source, layer, ticket, channel=channel, now=now)
            verdict = Verdict.LINK if link_kind else Verdict.APPEND
            is_guessed = layer.name == NUMBER
            return Match(verdict, ticket, layer.name, link_kind=link_kind, is_guessed=is_guessed)
        if (claim := _claim_of(ticket, source)) is not None:
            return _by_claim(claim, layer, ticket)
        refused = refused or _of_a_stranger(layer, ticket)
    return refused or NOTHING


def _claim_of(ticket: Ticket, source: InboundMessage) -> Participant | None:
    """Return the claim on `ticket` that this message can verify: its sender's address, if not only typed."""
    sender = source.sender
    return find_claimant(ticket, sender.value) if sender.kind == "email" and sender.is_verified else None


def _by_claim(claim: Participant, layer: Sign, ticket: Ticket) -> Match:
    """Let a claimed address answer: by what only it was sent, and in copy by the mail that named it there."""
    if layer.is_strong or (layer.reached_copies and claim.role == Participant.Role.COPY):
        return Match(Verdict.APPEND, ticket, layer.name, claim=claim)
    return Match(Verdict.LINK, ticket, layer.name, link_kind="quotes")


def _of_a_stranger(layer: Sign, ticket: Ticket) -> Match:
    if layer.is_strong:
        return Match(Verdict.HOLD, ticket, layer.name)
    return Match(Verdict.LINK, ticket, layer.name, link_kind="quotes", is_suspicious=True)


def signs_of(source: InboundMessage, channel: Channel) -> Iterator[Sign]:
    """Yield the tickets that a message refers to: first by the channel's signs, then by its text."""
    if source.ticket_id is not None:
        ticket = Ticket.objects.filter(pk=source.ticket_id).first()
        if ticket:
            yield Sign(source.layer or "channel", is_strong=True, ticket=ticket)
    yield from adapter_for(channel.slug).signs(source)
    yield from find_sign("body_token", tokens.find_ticket_id(source.text), is_strong=False)
    if numbers := tokens.find_tagged_numbers(source.subject):
        named = Ticket.objects.in_bulk(numbers)
        for number in numbers:
            if number in named:
                yield Sign(NUMBER, is_strong=False, ticket=named[number])


def find_sign(layer: str, public_id: str, *, is_strong: bool) -> Iterator[Sign]:
    """Yield a reference to the ticket with this public id, if there is one."""
    if public_id:
        ticket = Ticket.objects.filter(public_id=public_id).first()
        if ticket:
            yield Sign(layer, is_strong=is_strong, ticket=ticket)


def survivor(ticket: Ticket) -> Ticket:
    """Follow merges to the ticket that stands for this one now."""
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
    """Return how a new ticket would be linked to the one referred to; empty to append to that one instead."""
    if source.is_typed and not layer.is_strong:
        return "quotes"
    if _is_too_old(ticket, now):
        return "continues"
    if channel.pk == ticket.channel_id:
        return ""
    sign = replace(layer, ticket=ticket)  # the ticket may have been merged into another
    return "forwarded" if adapter_for(channel.slug).is_another_matter(source, sign, channel) else ""


def _is_too_old(ticket: Ticket, now: datetime) -> bool:
    if ticket.state != State.CLOSED or ticket.closed_at is None:
        return False
    return now - ticket.closed_at > timedelta(days=Company.current().reopen_days)

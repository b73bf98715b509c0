"""Which ticket a received message belongs to, and why: layers from the surest sign to the weakest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet

from tickets.channels.base import InboundMessage
from tickets.customers.claims import claimed_by
from tickets.delivery import mail_ids, tokens
from tickets.models import Channel, Company, Customer, MailReference, Participant, Ticket
from tickets.models.channels.company_mailboxes import bare_address
from tickets.models.composed import composed
from tickets.states import State

MAX_REFERENCES = 32
FORWARD = re.compile(r"^\s*(fwd?|tr|wg|i|rv|enc)\s*:", re.IGNORECASE)


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


@dataclass(frozen=True)
class _Layer:
    name: str
    is_strong: bool
    ticket: Ticket


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
    for layer in _layers(source):
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
    return claimed_by(ticket, sender.value) if sender.kind == "email" and sender.is_verified else None


def _by_claim(claim: Participant, layer: _Layer, ticket: Ticket) -> Match:
    if layer.is_strong:
        return Match(Verdict.APPEND, ticket, layer.name, claim=claim)
    return Match(Verdict.LINK, ticket, layer.name, link_kind="quotes")


def _of_a_stranger(layer: _Layer, ticket: Ticket) -> Match:
    if layer.is_strong:
        return Match(Verdict.HOLD, ticket, layer.name)
    return Match(Verdict.LINK, ticket, layer.name, link_kind="quotes", is_suspicious=True)


def _layers(source: InboundMessage) -> Iterator[_Layer]:
    if source.ticket_id is not None:
        ticket = Ticket.objects.filter(pk=source.ticket_id).first()
        if ticket:
            yield _Layer(source.layer or "channel", is_strong=True, ticket=ticket)
    cited = [*source.in_reply_to, *reversed(source.references)][:MAX_REFERENCES]
    yield from _by_our_ids(cited)
    yield from _by_reply_address(source)
    yield from _by_references(cited)
    yield from _by_public_id("body_token", tokens.ticket_in_body(source.text), is_strong=False)
    if numbers := tokens.numbers_in_subject(source.subject):
        named = Ticket.objects.in_bulk(numbers)
        for number in numbers:
            if number in named:
                yield _Layer("subject", is_strong=False, ticket=named[number])


def _by_our_ids(cited: list[str]) -> Iterator[_Layer]:
    for mail_id in cited:
        if ours := tokens.ticket_in_message_id(mail_id):
            yield from _by_public_id("message_id", ours[0], is_strong=True)


def _by_reply_address(source: InboundMessage) -> Iterator[_Layer]:
    participant_id = tokens.participant_in(source.recipients)
    if participant_id:
        participant = Participant.objects.filter(public_id=participant_id).select_related("ticket").first()
        if participant:
            yield _Layer("reply_address", is_strong=True, ticket=participant.ticket)


def _by_references(cited: list[str]) -> Iterator[_Layer]:
    """Aliases a provider gave our mails (strong), then the customers' own earlier ids (weak)."""
    if not cited:
        return
    digests = [one for mail_id in cited for one in _digests(mail_id)]
    rows = _cited(tuple(digests))
    order = {value: place for place, value in enumerate(digests)}
    found = sorted(rows, key=lambda r: (r.kind == MailReference.Kind.THEIRS, order[r.digest], -r.pk))
    for row in found:
        strong = row.kind != MailReference.Kind.THEIRS
        yield _Layer("alias" if strong else "their_message_id", is_strong=strong, ticket=row.ticket)


@composed
def _cited(digests: tuple[str, ...]) -> QuerySet[MailReference]:
    return MailReference.objects.filter(digest__in=digests).select_related("ticket")


def _digests(mail_id: str) -> list[str]:
    """Return the digests under which a cited id may be kept.

    Amazon's mail service names an id when it takes a mail, and adds its region's domain to it on the way.
    """
    bare, _, domain = mail_id.strip().strip("<>").rpartition("@")
    return [mail_ids.digest(mail_id)] + (
        [mail_ids.digest(bare)] if domain.lower().endswith(".amazonses.com") else []
    )


def _by_public_id(layer: str, public_id: str, *, is_strong: bool) -> Iterator[_Layer]:
    if public_id:
        ticket = Ticket.objects.filter(public_id=public_id).first()
        if ticket:
            yield _Layer(layer, is_strong=is_strong, ticket=ticket)


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
    source: InboundMessage, layer: _Layer, ticket: Ticket, *, channel: Channel, now: datetime
) -> str:
    """Return how a ticket of its own is linked to the one that is cited, or an empty text to append there."""
    if source.is_typed and not layer.is_strong:
        return "quotes"
    if _is_too_old(ticket, now):
        return "continues"
    return "forwarded" if _goes_elsewhere(source, layer, ticket, channel) else ""


def _goes_elsewhere(source: InboundMessage, layer: _Layer, ticket: Ticket, channel: Channel) -> bool:
    """Tell whether a mail was forwarded, or sent anew, to another mailbox than the ticket's: another matter.

    The address in our mail says that it is an answer, whatever else it was sent to.
    """
    if channel.pk == ticket.channel_id or layer.name == "reply_address" or not source.recipients:
        return False
    if FORWARD.match(source.subject):
        return True
    own = ticket.channel
    if own.slug != "email" or channel.queue_id in (ticket.queue_id, own.queue_id):
        return False
    return own.address.lower() not in {bare_address(address) for address in source.recipients}


def _is_too_old(ticket: Ticket, now: datetime) -> bool:
    if ticket.state != State.CLOSED or ticket.closed_at is None:
        return False
    return now - ticket.closed_at > timedelta(days=Company.current().reopen_days)

"""The one door in: receive → identify → thread → append, in one transaction, whatever the channel."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction

from tickets import prepared
from tickets.channels.base import InboundMessage, Placed, TryAgain, Weighed
from tickets.channels.registry import adapter_for
from tickets.customers import identity, proof
from tickets.delivery import auto_mail, outbox
from tickets.errors import DomainError
from tickets.intake import append, ledger, open_ticket, threading
from tickets.intake.arrivals import Arrival, KeptFile
from tickets.intake.threading import Match, Verdict
from tickets.models import Channel, Inbound, Message, Ticket
from tickets.platform import files

logger = logging.getLogger(__name__)

ENDED = {
    Verdict.APPEND: Inbound.State.ATTACHED,
    Verdict.HOLD: Inbound.State.PENDING,
    Verdict.LINK: Inbound.State.OPENED,
    Verdict.OPEN: Inbound.State.OPENED,
}


@dataclass(frozen=True)
class Outcome:
    """What became of one received thing."""

    state: str
    ticket: Ticket | None = None
    message: Message | None = None
    why: str = ""


def receive(
    channel: Channel,
    raw: bytes,
    *,
    source_key: str,
    now: datetime,
    envelope: dict[str, Any] | None = None,
    mailboxes: list[Channel] | None = None,
) -> Outcome:
    """Keep a thing that came in, then read it at once; a failure to read leaves it to the sweep.

    The form, the chat and the phone use this; mail is acknowledged after `ledger.keep_raw` alone. Who has
    read all our `mailboxes` already passes them.
    """
    row, is_new = ledger.keep_raw(channel, raw, source_key=source_key, now=now, envelope=envelope)
    if mailboxes is not None:
        row.mailboxes = mailboxes
    if is_new:
        return _read(row, raw, now=now)
    return process(row.pk, now=now) if row.state == Inbound.State.STORED else outcome_of(row)


def process(inbound_id: int, *, now: datetime) -> Outcome:
    """Read one ledger row into its ticket. Safe to run twice and side by side: one of them does it.

    What the adapter cannot understand is quarantined at once; faults of our own (database, storage, no
    process to read mails in) postpone the row as long as they last.
    """
    row = next(iter(prepared.load_received(inbound_id)), None)
    if row is None or row.state not in (Inbound.State.STORED, Inbound.State.FAILED):
        return outcome_of(row)
    return _read(row, bytes(row.raw.data), now=now)


def process_due(*, now: datetime, limit: int = 100) -> int:
    """Read what waits in the ledger; return how many rows were looked at."""
    due = list(Inbound.objects.due(now).values_list("pk", flat=True)[:limit])
    for inbound_id in due:
        try:
            process(inbound_id, now=now)
        except Exception as error:  # one poisoned row must not stop the others
            logger.exception("received item failed", extra={"inbound": inbound_id})
            row = Inbound.objects.select_related("channel").get(pk=inbound_id)
            ledger.postpone(row, why=f"{type(error).__name__}: {error}", now=now)
    return len(due)


def outcome_of(row: Inbound | None) -> Outcome:
    """Return the outcome a row already has."""
    if row is None:
        return Outcome("missing")
    row.refresh_from_db()
    message = row.messages.order_by("id").first()
    return Outcome(row.state, row.ticket, message, row.why)


def _read(row: Inbound, raw: bytes, *, now: datetime) -> Outcome:
    try:
        sources = adapter_for(row.channel.slug).receive(row, raw)
        return _take_in(row, sources, now=now)
    except DomainError as error:
        ledger.quarantine(row, rule=error.code, why=str(error.sentence), now=now)
    except (TryAgain, OSError, OperationalError) as error:
        logger.warning("received item postponed", extra={"inbound": row.pk, "error": type(error).__name__})
        ledger.postpone(row, why=f"{type(error).__name__}: {error}", now=now, give_up=False)
    return outcome_of(row)


def _take_in(row: Inbound, sources: Sequence[InboundMessage], *, now: datetime) -> Outcome:
    """Append every message of one row and finish the row, all in one transaction."""
    stored = [[(f, files.store_file(f.data)) for f in source.files] for source in sources]
    outcome = Outcome(Inbound.State.IGNORED)
    with transaction.atomic():
        if not ledger.claim(row):
            return outcome_of(row)
        for source, kept in zip(sources, stored, strict=True):
            outcome = _take_one(row, source, kept, now=now)
    return outcome


def _take_one(row: Inbound, source: InboundMessage, kept: list[KeptFile], *, now: datetime) -> Outcome:
    adapter = adapter_for(row.channel.slug)
    if source.refusal:
        ledger.quarantine(row, rule=source.refusal_rule, why=source.refusal, now=now)
        return Outcome(Inbound.State.QUARANTINED, why=source.refusal)
    if source.ignore_rule:
        ledger.finish(row, Inbound.State.IGNORED, now=now, rule=source.ignore_rule)
        return Outcome(Inbound.State.IGNORED, why=source.ignore_rule)
    if (answer := adapter.take_answer(row, source, kept, now=now)) is not None:
        return _ended(row, answer, now=now)
    known = _known(row, source, now=now)
    arrival = Arrival(row, source, kept, known.customer, known.identity, now, known.candidates)
    placed = adapter.place(arrival)
    if placed is not None:
        return _ended(row, placed, now=now)
    match = _match(arrival)
    weighed = _weigh(arrival, match)
    if weighed.refused is not None:
        return _ended(row, weighed.refused, now=now)
    return _place(arrival, match, weighed)


def _match(arrival: Arrival) -> Match:
    """Return which ticket is meant: by what is cited, else the sender's only open one where that is usual."""
    row, source = arrival.row, arrival.source
    found = threading.find_ticket(source, arrival.customer, channel=row.channel, now=arrival.now)
    if found.ticket is not None or not adapter_for(row.channel.slug).joins_open_ticket:
        return found
    ticket = open_ticket.find_only_open_ticket(arrival)
    return Match(Verdict.APPEND, ticket, open_ticket.LAYER) if ticket is not None else found


def _weigh(arrival: Arrival, match: Match) -> Weighed:
    """Ask the channel's own limits, else those of what software may write by itself."""
    row, source = arrival.row, arrival.source
    ticket = match.ticket if match.verdict in (Verdict.APPEND, Verdict.HOLD) else None
    wants_answer = ticket is None and source.wants_acknowledgement and not source.is_auto
    weighed = adapter_for(row.channel.slug).weigh(arrival, ticket, wants_answer=wants_answer)
    if weighed is not None:
        return weighed
    address = source.sender.value
    return Weighed(wants_answer and auto_mail.reserve_automatic_mail(address, row.mailboxes, now=arrival.now))


def _ended(row: Inbound, placed: Placed, *, now: datetime) -> Outcome:
    """Finish a row as a channel's own rules say."""
    if placed.state == Inbound.State.QUARANTINED:
        ledger.quarantine(row, rule=placed.why, why=placed.said or placed.why, now=now)
    else:
        ledger.finish(row, placed.state, now=now, why=placed.why, rule=placed.why, ticket=placed.ticket)
    return Outcome(placed.state, placed.ticket, placed.message, placed.why)


def _known(row: Inbound, source: InboundMessage, *, now: datetime) -> identity.ResolvedSender:
    """Return who speaks: whom the channel names with the identity they speak by, else whose that is."""
    if source.customer_id is not None:
        known = identity.resolve_named_customer(source.customer_id, source.sender, now=now)
        if known is not None:
            return known
    language = source.language or row.channel.language
    return identity.resolve_sender(source.sender, language=language, now=now)


def _place(arrival: Arrival, match: Match, weighed: Weighed) -> Outcome:
    row, source, now = arrival.row, arrival.source, arrival.now
    why = match.layer or "no sign of an earlier ticket"
    if match.verdict in (Verdict.APPEND, Verdict.HOLD) and match.ticket:
        message = _join(match.ticket, arrival, match)
    else:
        message = _open(arrival, match, thanks=weighed.may_be_answered)
    state = ENDED[match.verdict]
    ledger.finish(row, state, now=now, why=why, rule=match.layer, ticket=message.ticket)
    adapter_for(row.channel.slug).appended(message, source, now=now)
    return Outcome(state, message.ticket, message, why)


def _join(ticket: Ticket, arrival: Arrival, match: Match) -> Message:
    """Append or hold a message in the ticket it was found to belong to, and settle the claim it proves."""
    if match.claim is not None:
        Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
        proof.settle_claim(
            match.claim, identity.ResolvedSender(arrival.customer, arrival.identity), now=arrival.now
        )
    put = append.append if match.verdict is Verdict.APPEND else append.hold
    return put(ticket, arrival, layer=match.layer)


def _open(arrival: Arrival, match: Match, *, thanks: bool) -> Message:
    """Open a ticket, and thank for it where that may be."""
    message, requester = append.open_ticket(arrival, match)
    if thanks and arrival.identity.complained_at is None and requester.address:
        mailbox = outbox.choose_mail_channel(message.ticket, arrival.row)
        outbox.add_acknowledgement(requester, message.ticket, mailbox, now=arrival.now)
    return message

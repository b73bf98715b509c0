"""Process what any channel received: parse, identify, thread and append, in one transaction."""

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
from tickets.customers import claims, identity, proof
from tickets.delivery import auto_mail
from tickets.errors import DomainError
from tickets.intake import append, copies, forwarded, ledger, notices, open_ticket, threading
from tickets.intake.append import Opened
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
    """The outcome of one received item: the ledger row's state, with its ticket, message and reason.

    `opened` says more of a ticket that the item has just opened.
    """

    state: str
    ticket: Ticket | None = None
    message: Message | None = None
    why: str = ""
    opened: Opened | None = None


def receive(
    channel: Channel,
    raw: bytes,
    *,
    source_key: str,
    now: datetime,
    envelope: dict[str, Any] | None = None,
    mailboxes: list[Channel] | None = None,
) -> Outcome:
    """Store received bytes in the ledger, then process them at once; after a failure the sweep retries.

    Used by the form, the chat and the phone; mail is acknowledged after `ledger.keep_raw` alone. Pass all
    our `mailboxes` if they are loaded already, to save a query.
    """
    row, is_new = ledger.keep_raw(channel, raw, source_key=source_key, now=now, envelope=envelope)
    if mailboxes is not None:
        row.mailboxes = mailboxes
    if is_new:
        return _read(row, raw, now=now)
    return process(row.pk, now=now) if row.state == Inbound.State.STORED else load_outcome(row)


def process(inbound_id: int, *, now: datetime) -> Outcome:
    """Process one ledger row into its ticket. Safe to call twice or concurrently: only one call does it.

    A row that the adapter cannot parse is quarantined at once; after failures of our own (database, storage,
    no sandbox process) it is retried.
    """
    row = next(iter(prepared.load_received(inbound_id)), None)
    if row is None or row.state not in (Inbound.State.STORED, Inbound.State.FAILED):
        return load_outcome(row)
    return _read(row, bytes(row.raw.data), now=now)


def process_due(*, now: datetime, limit: int = 100) -> int:
    """Process the due rows of the ledger; return how many were tried."""
    due = list(Inbound.objects.due(now).values_list("pk", flat=True)[:limit])
    for inbound_id in due:
        try:
            process(inbound_id, now=now)
        except Exception as error:  # one row that always fails must not stop the others
            logger.exception("received item failed", extra={"inbound": inbound_id})
            row = Inbound.objects.select_related("channel").get(pk=inbound_id)
            ledger.postpone(row, why=f"{type(error).__name__}: {error}", now=now)
    return len(due)


def load_outcome(row: Inbound | None) -> Outcome:
    """Return the outcome of a row that was processed before; state "missing" for None."""
    if row is None:
        return Outcome("missing")
    row.refresh_from_db()
    message = row.messages.order_by("id").first()
    return Outcome(row.state, row.ticket, message, row.why)


def _read(row: Inbound, raw: bytes, *, now: datetime) -> Outcome:
    try:
        sources = adapter_for(row.channel.slug).receive(row, raw)
        return _append_messages(row, sources, now=now)
    except DomainError as error:
        ledger.quarantine(row, rule=error.code, why=str(error.sentence), now=now)
    except (TryAgain, OSError, OperationalError) as error:
        logger.warning("received item postponed", extra={"inbound": row.pk, "error": type(error).__name__})
        ledger.postpone(row, why=f"{type(error).__name__}: {error}", now=now, give_up=False)
    return load_outcome(row)


def _append_messages(row: Inbound, sources: Sequence[InboundMessage], *, now: datetime) -> Outcome:
    """Append every message of a row and record the row's outcome, in one transaction."""
    stored = [[(f, files.store_file(f.data)) for f in source.files] for source in sources]
    outcome = Outcome(Inbound.State.IGNORED)
    with transaction.atomic():
        if not ledger.claim(row):
            return load_outcome(row)
        for source, kept in zip(sources, stored, strict=True):
            if source.notice is not None and not row.is_chosen:
                outcome = _process_notice(row, source, kept, now=now)
            else:
                outcome = _process_message(row, notices.treat_as_message(source), kept, now=now)
    return outcome


def _process_message(row: Inbound, source: InboundMessage, kept: list[KeptFile], *, now: datetime) -> Outcome:
    adapter = adapter_for(row.channel.slug)
    if source.refusal:
        ledger.quarantine(row, rule=source.refusal_rule, why=source.refusal, now=now)
        return Outcome(Inbound.State.QUARANTINED, why=source.refusal)
    if source.ignore_rule:
        ledger.finish(row, Inbound.State.IGNORED, now=now, rule=source.ignore_rule)
        return Outcome(Inbound.State.IGNORED, why=source.ignore_rule)
    if (answer := adapter.take_answer(row, source, kept, now=now)) is not None:
        return _record_outcome(row, answer, now=now)
    known = _resolve_sender(row, source, now=now)
    arrival = Arrival(row, source, kept, known.customer, known.identity, now, known.candidates)
    placed = adapter.place(arrival)
    if placed is not None:
        return _record_outcome(row, placed, now=now)
    match = _match_ticket(arrival)
    limits = _check_limits(arrival, match)
    if limits.refused is not None:
        return _record_outcome(row, limits.refused, now=now)
    return _place_message(arrival, match, limits)


def _process_notice(row: Inbound, source: InboundMessage, kept: list[KeptFile], *, now: datetime) -> Outcome:
    """Append a notice to its ticket without making work for anybody; keep it if it has no ticket."""
    sign = notices.find_ticket(source, row.channel)
    if sign is None:
        return _keep_notice(row, source, now=now)
    if not notices.is_from_participant(sign, source):
        return _finish_notice(row, notices.add_notice(sign, row, source, kept, now=now), source, now=now)
    known = _resolve_sender(row, source, now=now)
    arrival = Arrival(row, source, kept, known.customer, known.identity, now, known.candidates)
    match = threading.find_ticket(source, arrival.customer, channel=row.channel, now=now)
    if match.verdict is not Verdict.APPEND:  # closed long ago, or another mailbox: a notice opens no ticket
        match = Match(Verdict.APPEND, sign.ticket, sign.name)
    limits = _check_limits(arrival, match)
    if limits.refused is not None:
        return _keep_notice(row, source, now=now)
    outcome = _place_message(arrival, match, limits)
    if outcome.message is not None:
        notices.keep_ticket_read(outcome.message)
    return outcome


def _keep_notice(row: Inbound, source: InboundMessage, *, now: datetime) -> Outcome:
    return Outcome(notices.keep_notice(row, source, now=now).state, why="notice")


def _finish_notice(row: Inbound, placed: Placed, source: InboundMessage, *, now: datetime) -> Outcome:
    """Record the outcome of a notice that was added to a ticket, or that was kept because of the limit."""
    if placed.message is None:
        return Outcome(placed.state, why=placed.why)
    adapter_for(row.channel.slug).save_channel_rows(placed.message, source, now=now)
    return _record_outcome(row, placed, now=now)


def _match_ticket(arrival: Arrival) -> Match:
    """Return the ticket a message refers to, or else, in some channels, the sender's only open one."""
    row, source = arrival.row, arrival.source
    found = threading.find_ticket(source, arrival.customer, channel=row.channel, now=arrival.now)
    if found.ticket is not None or not adapter_for(row.channel.slug).joins_open_ticket:
        return found
    ticket = open_ticket.find_only_open_ticket(arrival)
    return Match(Verdict.APPEND, ticket, open_ticket.LAYER) if ticket is not None else found


def _check_limits(arrival: Arrival, match: Match) -> Weighed:
    """Check the channel's own limits, or else the common limits of automatic mail."""
    row, source = arrival.row, arrival.source
    ticket = match.ticket if match.verdict in (Verdict.APPEND, Verdict.HOLD) else None
    wants_answer = ticket is None and source.wants_acknowledgement and not source.is_auto
    limits = adapter_for(row.channel.slug).weigh(arrival, ticket, wants_answer=wants_answer)
    if limits is not None:
        return limits
    address = source.sender.value
    return Weighed(wants_answer and auto_mail.reserve_automatic_mail(address, row.mailboxes, now=arrival.now))


def _record_outcome(row: Inbound, placed: Placed, *, now: datetime) -> Outcome:
    """Record the outcome that a channel's own rules gave to a row."""
    if placed.state == Inbound.State.QUARANTINED:
        ledger.quarantine(row, rule=placed.why, why=placed.said or placed.why, now=now)
    else:
        ledger.finish(row, placed.state, now=now, why=placed.why, rule=placed.why, ticket=placed.ticket)
    return Outcome(placed.state, placed.ticket, placed.message, placed.why)


def _resolve_sender(row: Inbound, source: InboundMessage, *, now: datetime) -> identity.ResolvedSender:
    """Return the customer and identity of the sender, by the channel's knowledge or else by the identity."""
    if source.customer_id is not None:
        known = identity.resolve_named_customer(source.customer_id, source.sender, now=now)
        if known is not None:
            return known
    language = source.language or row.channel.language
    return identity.resolve_sender(source.sender, language=language, now=now)


def _place_message(arrival: Arrival, match: Match, limits: Weighed) -> Outcome:
    row, source, now = arrival.row, arrival.source, arrival.now
    why = match.layer or "no sign of an earlier ticket"
    opened = None
    if match.verdict in (Verdict.APPEND, Verdict.HOLD) and match.ticket:
        message = _join(match.ticket, arrival, match)
    else:
        opened = append.open_ticket(arrival, match, thank=limits.may_be_answered)
        message = opened.message
        if source.forwarding is not None:
            forwarded.add_forwarder_note(message, source.forwarding, arrival.kept, now=now)
    if match.verdict is not Verdict.HOLD:
        _apply_reply_to_and_copies(message, arrival, match)
    state = ENDED[match.verdict]
    ledger.finish(row, state, now=now, why=why, rule=match.layer, ticket=message.ticket)
    adapter_for(row.channel.slug).save_channel_rows(message, source, now=now)
    return Outcome(state, message.ticket, message, why, opened)


def _join(ticket: Ticket, arrival: Arrival, match: Match) -> Message:
    """Append or hold a message in its ticket, and verify a claimed address that the message proves."""
    if match.claim is not None:
        Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
        proof.settle_claim(
            match.claim, identity.ResolvedSender(arrival.customer, arrival.identity), now=arrival.now
        )
    put = append.append if match.verdict is Verdict.APPEND else append.hold
    return put(ticket, arrival, layer=match.layer)


def _apply_reply_to_and_copies(message: Message, arrival: Arrival, match: Match) -> None:
    """Set the address at which the sender wants replies; add the people in copy if the queue allows it.

    On a ticket that existed before, whoever is answered reads what it holds. Senders can be forged, and
    ticket numbers guessed: only a genuine message changes where answers go, and a guessed sign adds nobody.
    """
    source, ticket = arrival.source, message.ticket
    is_new = match.verdict is not Verdict.APPEND
    if source.answer_at and not source.is_auto and (is_new or source.is_genuine):
        part = (
            ticket.participants.filter(customer=arrival.customer).select_related("ticket", "identity").first()
        )
        if part is not None:
            claims.answer_elsewhere(part, source.answer_at, by=arrival.by, now=arrival.now)
    if is_new or source.is_genuine or not match.is_guessed:
        copies.add_copies_if_queue_allows(ticket, arrival)

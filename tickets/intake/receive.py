"""The one door in: receive → identify → thread → append, in one transaction, whatever the channel."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from tickets import events, prepared
from tickets.channels.base import InboundMessage, Placed, Sender, TryAgain
from tickets.channels.registry import adapter_for
from tickets.customers import identity, proof
from tickets.delivery import auto_mail, bounces, complaints, outbox
from tickets.errors import DomainError
from tickets.intake import append, ledger, reply_by_mail, threading
from tickets.intake.arrivals import Arrival, KeptFile
from tickets.intake.threading import Match, Verdict
from tickets.models import Channel, Inbound, Message, Ticket
from tickets.platform import files
from tickets.platform.bulk_insert import BulkInsert

logger = logging.getLogger(__name__)

ENDED = {
    Verdict.APPEND: Inbound.State.ATTACHED,
    Verdict.HOLD: Inbound.State.PENDING,
    Verdict.LINK: Inbound.State.OPENED,
    Verdict.OPEN: Inbound.State.OPENED,
}


NOBODY = Sender("email", "")


@dataclass(frozen=True)
class Outcome:
    """What became of one received thing; `begun` where it has just opened a ticket."""

    state: str
    ticket: Ticket | None = None
    message: Message | None = None
    why: str = ""
    begun: append.Begun | None = None


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
    stored = [[(f, files.store(f.data)) for f in source.files] for source in sources]
    outcome = Outcome(Inbound.State.IGNORED)
    with transaction.atomic():
        claimed = ledger.claim(row, sources[0].sender if sources else NOBODY)
        if claimed is None:
            return outcome_of(row)
        row.attempts, is_new = claimed[0] + 1, claimed[1]
        for source, kept in zip(sources, stored, strict=True):
            outcome = _take_one(row, source, kept, is_new=is_new and source is sources[0], now=now)
    return outcome


def _take_one(
    row: Inbound, source: InboundMessage, kept: list[KeptFile], *, is_new: bool, now: datetime
) -> Outcome:
    if source.refusal:
        ledger.quarantine(row, rule=source.refusal_rule, why=source.refusal, now=now)
        return Outcome(Inbound.State.QUARANTINED, why=source.refusal)
    if source.ignore_rule:
        ledger.finish(row, Inbound.State.IGNORED, now=now, rule=source.ignore_rule)
        return Outcome(Inbound.State.IGNORED, why=source.ignore_rule)
    if (answer := _take_answer(row, source, kept, now=now)) is not None:
        return _ended(row, answer, now=now)
    known = _known(row, source, is_new=is_new, now=now)
    arrival = Arrival(row, source, kept, known.customer, known.identity, now, known.candidates)
    placed = adapter_for(row.channel.slug).place(arrival)
    if placed is not None:
        return _ended(row, placed, now=now)
    match = threading.find_ticket(source, known.customer, channel=row.channel, now=now)
    weighed = _weigh(row, source, match, now=now)
    if weighed.is_loop:
        why = _("So many mails came from this sender that two machines may be answering each other.")
        return _ended(row, Placed(Inbound.State.QUARANTINED, "possible_loop", said=str(why)), now=now)
    return _place(arrival, match, weighed)


def _weigh(row: Inbound, source: InboundMessage, match: Match, *, now: datetime) -> auto_mail.Weighed:
    """Count a mail, and an acknowledgement of it. Other channels have limits of their own at their doors."""
    ticket = match.ticket if match.verdict in (Verdict.APPEND, Verdict.HOLD) else None
    wants_answer = ticket is None and source.wants_acknowledgement and not source.is_auto
    if not source.is_mail:
        may_be = wants_answer and auto_mail.may_answer(source.sender.value, row.mailboxes, now=now)
        return auto_mail.Weighed(may_be_answered=may_be)
    return auto_mail.weigh(
        source.sender.value,
        source.subject,
        ticket.pk if ticket else None,
        reopens=ticket is not None and ticket.is_finished and not source.is_auto,
        wants_answer=wants_answer,
        now=now,
    )


def _ended(row: Inbound, placed: Placed, *, now: datetime) -> Outcome:
    """Finish a row as a channel's own rules say."""
    if placed.state == Inbound.State.QUARANTINED:
        ledger.quarantine(row, rule=placed.why, why=placed.said or placed.why, now=now)
    else:
        ledger.finish(row, placed.state, now=now, why=placed.why, rule=placed.why, ticket=placed.ticket)
    return Outcome(placed.state, placed.ticket, placed.message, placed.why)


def _known(row: Inbound, source: InboundMessage, *, is_new: bool, now: datetime) -> identity.Known:
    """Return who speaks: whom the channel names with the identity they speak by, else whose that is."""
    if source.customer_id is not None:
        known = identity.speaking_as(source.customer_id, source.sender, now=now)
        if known is not None:
            return known
    language = source.language or row.channel.language
    return identity.resolve(source.sender, language=language, now=now, is_new=is_new)


def _place(arrival: Arrival, match: Match, weighed: auto_mail.Weighed) -> Outcome:
    row, source, now = arrival.row, arrival.source, arrival.now
    state, begun = ENDED[match.verdict], None
    why = match.layer or "no sign of an earlier ticket"
    if match.verdict in (Verdict.APPEND, Verdict.HOLD) and match.ticket:
        rows = BulkInsert()
        ledger.finish(row, state, now=now, why=why, rule=match.layer, ticket=match.ticket, beside=rows)
        if match.claim is not None:
            Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=match.ticket.pk)
            proof.settle(match.claim, identity.Known(arrival.customer, arrival.identity), now=now)
        put = append.append if match.verdict is Verdict.APPEND else append.hold
        message = put(match.ticket, arrival, layer=match.layer, beside=rows)
    else:
        begun = _begin(arrival, match, thanks=weighed.may_be_answered)
        message = begun.message
        ledger.finish(
            row, state, now=now, why=why, rule=match.layer, ticket=message.ticket, beside=begun.rows
        )
        events.record_many(*begun.drafts, beside=begun.rows)
    adapter_for(row.channel.slug).appended(message, source, now=now)
    return Outcome(state, message.ticket, message, why, begun)


def _begin(arrival: Arrival, match: Match, *, thanks: bool) -> append.Begun:
    """Open a ticket, and thank for it where that may be; nothing is written yet."""
    begun = append.begin_ticket(arrival, match)
    may_be_thanked = arrival.identity.complained_at is None
    if not (thanks and may_be_thanked and begun.requester.address):
        return begun
    ticket = begun.message.ticket
    thanked = outbox.thank(
        begun.requester,
        ticket,
        outbox.mail_channel(ticket, arrival.row),
        now=arrival.now,
        drafts=begun.drafts,
        beside=begun.rows,
    )
    return begun._replace(thanks=thanked)


def _take_answer(
    row: Inbound, source: InboundMessage, kept: list[KeptFile], *, now: datetime
) -> Placed | None:
    """Take in what answers a mail of ours by its address: a machine that sends it back, or a colleague."""
    if source.is_complaint:
        return _take_complaint(source, now=now)
    if source.is_bounce:
        return _take_bounce(source, now=now)
    return reply_by_mail.take_agent_reply(row, source, kept, now=now) if source.agent is not None else None


def _take_complaint(source: InboundMessage, *, now: datetime) -> Placed | None:
    """Note that a mail of ours was called spam; a complaint about none is a mail like any other."""
    outbound = complaints.record_complaint(
        [*source.recipients, *source.bounced_senders],
        source.bounced_mail_ids,
        named=source.bounced_addresses,
        now=now,
    )
    if outbound is None:
        return None
    state = Inbound.State.IGNORED if outbound.ticket is None else Inbound.State.ATTACHED
    return Placed(state, "complaint", outbound.ticket, outbound.message)


def _take_bounce(source: InboundMessage, *, now: datetime) -> Placed:
    """Find the mail that came back; it returns to its agent as work. Unmatched ones wait for a person."""
    outbound = bounces.record_bounce(
        source.recipients,
        source.bounced_mail_ids,
        status=source.bounce_status,
        failed=source.bounced_addresses,
        now=now,
    )
    if outbound is None or outbound.ticket is None:
        why = _("A report about a mail that came back names none of ours, or nobody to whom it went.")
        return Placed(Inbound.State.QUARANTINED, "bounce_unmatched", said=str(why))
    return Placed(Inbound.State.ATTACHED, "bounce", outbound.ticket, outbound.message)

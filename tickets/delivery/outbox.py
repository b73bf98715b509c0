"""The outbox: each message is a row first; sending it is attempted until it is sent or has failed."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.channels.base import SendResult
from tickets.channels.registry import adapter_for, sending_adapter
from tickets.customers.recipients import find_recipients
from tickets.delivery import auto_mail, deferral, mail_ids, throttle, tokens
from tickets.delivery.returned import record_delivery, return_to_agent
from tickets.models import Channel, Event, Inbound, Message, Outbound, Participant, Ticket
from tickets.models.channels.company_mailboxes import choose_mailbox, load_mailboxes
from tickets.models.channels.delivery_error import DeliveryError
from tickets.platform import tasks_on_commit
from tickets.promises import answered

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(days=7)
BACKOFF_SECONDS = (60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
SETTLED = [
    "state", "attempts", "error", "next_attempt_at", "sent_at", "provider_id", "payload", "channel",
    "to", "cc",
]  # fmt: skip


def add_outbound(
    kind: str,
    *,
    channel: Channel | None,
    to: str,
    now: datetime,
    ticket: Ticket | None = None,
    message: Message | None = None,
    participant: Participant | None = None,
    cc: Iterable[str] = (),
    payload: dict[str, Any] | None = None,
    by: Actor = SYSTEM,
    wait: timedelta = timedelta(0),
) -> Outbound:
    """Add one message to the outbox, in the caller's transaction, record that, and return its row.

    `wait` delays it, so that it can be read in a chat before it is sent by mail.
    """
    outbound = Outbound(
        kind=kind,
        channel=channel,
        ticket=ticket,
        message=message,
        participant=participant,
        to=to,
        cc=list(cc),
        payload=payload or {},
        created_at=now,
        next_attempt_at=now + wait,
        state=Outbound.State.HELD if wait else Outbound.State.QUEUED,
    )
    events.record_many(*put(outbound, by=by))
    return outbound


def put(outbound: Outbound, *, by: Actor = SYSTEM) -> list[Event]:
    """Save a new row of the outbox, in the caller's transaction.

    Its Message-ID is set here and stays the same for every attempt. Return the event, unsaved, if it is about
    a ticket.
    """
    outbound.mail_id = _build_mail_id(outbound)
    outbound.save(force_insert=True)
    tasks_on_commit.enqueue("tickets.tasks.deliver", outbound.pk)
    if outbound.ticket is None:
        return []
    data = {"outbound": outbound.pk, "kind": outbound.kind}
    return [
        events.build_event(
            "delivery.queued", ticket=outbound.ticket, by=by, at=outbound.created_at, data=data
        )
    ]


def acknowledge_ticket(ticket: Ticket, *, now: datetime) -> Outbound | None:
    """Add the acknowledgement of a new request, if automatic mail to its requester is allowed.

    It contains the link to the request and no text of the sender, so that nobody can use us to send spam.
    Return the row of the outbox, or None if there is no address or `auto_mail` does not allow it.
    """
    requester, address, _copies = find_recipients(ticket)
    if requester is None or not address:
        return None
    if not auto_mail.reserve_automatic_mail(address, load_mailboxes(), now=now):
        return None
    thanks = draft_thanks(requester, ticket, choose_mail_channel(ticket), now=now)
    events.record_many(*put(thanks))
    return thanks


def draft_thanks(
    participant: Participant, ticket: Ticket, channel: Channel | None, *, now: datetime
) -> Outbound:
    """Return the acknowledgement of a request, unsaved, for `put`.

    The caller has checked that it is allowed (`auto_mail.reserve_automatic_mail`).
    """
    return Outbound(
        kind=Outbound.Kind.ACKNOWLEDGEMENT,
        channel=channel,
        to=participant.address.lower(),
        ticket=ticket,
        participant=participant,
        created_at=now,
        next_attempt_at=now,
    )


def choose_mail_channel(ticket: Ticket, row: Inbound | None = None) -> Channel | None:
    """Return the mailbox from which to send a ticket's mail: its own, its queue's, or any active one.

    While a received item is processed, pass its `row`: it has loaded the mailboxes already.
    """
    if adapter_for(ticket.channel.slug).is_mail:
        return ticket.channel
    mailboxes = row.mailboxes if row else load_mailboxes()
    return choose_mailbox(mailboxes, language=ticket.language, queue_id=ticket.queue_id)


def choose_mail_domain(channel: Channel | None) -> str:
    """Return the domain of our Message-IDs: the mailbox's, else the installation's."""
    return channel.address.rpartition("@")[2] if channel and channel.address else settings.MAIL_DOMAIN


def deliver(outbound_id: int, *, now: datetime) -> Outbound | None:
    """Try to send one row, if it is due and no other worker is sending it.

    Return the row, or None if nothing was tried.
    """
    row = _claim(outbound_id, now=now)
    if row is None or deferral.defer_or_cancel(row, now=now):
        return None
    answered.release_reply(row, now=now)
    try:
        result = sending_adapter(row.channel).send(row, now=now)
    except Exception as error:  # a fault with one message must not stop the outbox; it is tried again
        logger.exception("sending failed", extra={"outbound": outbound_id})
        result = SendResult.unsent(DeliveryError.from_exception(error))
    _settle(row, result, now=now)
    return row


def deliver_due(*, now: datetime, limit: int = 50) -> int:
    """Send what is due, at most `limit` rows; return how many rows were tried."""
    due = list(Outbound.objects.due(now).values_list("pk", flat=True)[:limit])
    return sum(deliver(outbound_id, now=now) is not None for outbound_id in due)


def send_now(rows: QuerySet[Outbound], *, now: datetime) -> int:
    """Make waiting rows due now; return how many there were."""
    states = Outbound.STOPPABLE
    waiting_ids = list(rows.filter(state__in=states, next_attempt_at__gt=now).values_list("pk", flat=True))
    Outbound.objects.filter(pk__in=waiting_ids, state__in=states).update(next_attempt_at=now)
    for outbound_id in waiting_ids:
        tasks_on_commit.enqueue("tickets.tasks.deliver", outbound_id)
    return len(waiting_ids)


def cancel(outbound: Outbound, *, by: Actor, now: datetime) -> bool:
    """Cancel a message that has not been sent yet; return whether that was still possible.

    The update is guarded by the state: a message is cancelled or sent, never both.
    """
    with transaction.atomic():
        stopped = Outbound.objects.filter(pk=outbound.pk, state__in=Outbound.STOPPABLE).update(
            state=Outbound.State.CANCELLED, next_attempt_at=None
        )
        if stopped and outbound.ticket:
            data = {"outbound": outbound.pk, "kind": outbound.kind}
            events.record("delivery.cancelled", ticket=outbound.ticket, by=by, at=now, data=data)
    return bool(stopped)


def retry(outbound: Outbound, *, by: Actor, now: datetime) -> bool:
    """Queue a failed message again, as a person requested; it keeps its Message-ID. Return whether it did."""
    with transaction.atomic():
        changed = Outbound.objects.filter(
            pk=outbound.pk, state__in=(Outbound.State.FAILED, Outbound.State.BOUNCED, Outbound.State.DEFERRED)
        ).update(state=Outbound.State.QUEUED, next_attempt_at=now, attempts=0, created_at=now, error=None)
        if changed:
            if outbound.ticket:
                data = {"outbound": outbound.pk, "kind": outbound.kind}
                events.record("delivery.queued", ticket=outbound.ticket, by=by, at=now, data=data)
            tasks_on_commit.enqueue("tickets.tasks.deliver", outbound.pk)
    return bool(changed)


def dismiss(outbound: Outbound, *, by: Actor, now: datetime) -> bool:
    """Mark a failed message as not to be sent; its error stays visible. Return whether it changed."""
    with transaction.atomic():
        changed = Outbound.objects.filter(
            pk=outbound.pk, state__in=(Outbound.State.FAILED, Outbound.State.BOUNCED)
        ).update(state=Outbound.State.CANCELLED, next_attempt_at=None)
        if changed and outbound.ticket:
            data = {"outbound": outbound.pk, "kind": outbound.kind}
            events.record("delivery.cancelled", ticket=outbound.ticket, by=by, at=now, data=data)
    return bool(changed)


def _build_mail_id(outbound: Outbound) -> str:
    thread = (outbound.ticket or outbound).public_id
    return tokens.build_message_id(thread, outbound.public_id, choose_mail_domain(outbound.channel))


def _claim(outbound_id: int, *, now: datetime) -> Outbound | None:
    """Mark a due row as being sent and return it with what sending needs; None if it is not due.

    The guarded update lets one worker claim the row. Its lease ends after LEASE: if the worker dies, the
    sweep finds the row due again.
    """
    claimed = (
        Outbound.objects.due(now)
        .filter(pk=outbound_id)
        .order_by()
        .update(state=Outbound.State.SENDING, next_attempt_at=now + LEASE)
    )
    if not claimed:
        return None
    return (
        Outbound.objects.select_related(
            "channel__queue",
            "ticket__queue",
            "message__author_user",
            "participant__customer",
            "participant__identity",
        )
        .filter(pk=outbound_id)
        .first()
    )


def _settle(row: Outbound, result: SendResult, *, now: datetime) -> None:
    row.attempts += 1
    row.error = result.error
    row.next_attempt_at = None
    data = {"outbound": row.pk, "attempts": row.attempts}
    with transaction.atomic():
        if result.state == "sent":
            row.state, row.sent_at, row.provider_id = Outbound.State.SENT, now, result.provider_id[:250]
            mail_ids.save_alias(row)
            if row.kind == Outbound.Kind.ACCOUNT:
                row.payload = {}  # it contained a link that gives access to an account
            record_delivery(row, "delivery.sent", {**data, "kind": row.kind}, now=now)
        elif result.state == "by_mail" and row.ticket is not None:
            _turn_into_mail(row, row.ticket, result.to, now=now)
        elif result.state == "deferred" and now - row.created_at < GIVE_UP_AFTER:
            wait = BACKOFF_SECONDS[min(row.attempts, len(BACKOFF_SECONDS)) - 1]
            if result.error is not None and sending_adapter(row.channel).is_mail:
                throttle.pause_if_too_fast(row.to, result.error, now=now)
            row.state, row.next_attempt_at = Outbound.State.DEFERRED, now + timedelta(seconds=wait)
            record_delivery(row, "delivery.deferred", data, now=now)
        else:
            row.state = Outbound.State.FAILED
            return_to_agent(row, "delivery.failed", {"attempts": row.attempts}, now=now)
        row.save(update_fields=SETTLED)


def _turn_into_mail(row: Outbound, ticket: Ticket, address: str, *, now: datetime) -> None:
    """Queue a row of another channel as a mail to the same person, with the participants in copy."""
    row.channel, row.to = choose_mail_channel(ticket), address
    row.cc = [copy for copy in find_recipients(ticket).copies if copy != address]
    row.state, row.next_attempt_at, row.attempts = Outbound.State.QUEUED, now, 0
    record_delivery(row, "delivery.queued", {"outbound": row.pk, "kind": row.kind}, now=now)
    tasks_on_commit.enqueue("tickets.tasks.deliver", row.pk)

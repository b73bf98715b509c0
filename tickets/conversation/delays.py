"""Inform customers in time that a promise cannot be kept: an apology, the reason, and a new time.

The message goes where the customer wrote and is marked as automatic. It is no answer: the ticket still waits
on us.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction

from tickets import events
from tickets.actor import SYSTEM
from tickets.channels.base import Adapter
from tickets.channels.registry import find_medium, reply_adapter
from tickets.channels.values import Medium
from tickets.customers.recipients import find_recipients
from tickets.delivery import auto_mail, complaints, outbox
from tickets.hours import opening_hours
from tickets.hours.business_time import Hours
from tickets.models import Message, Outbound, Participant, Promise, Queue, Reader, Ticket
from tickets.models.channels.company_mailboxes import load_mailboxes
from tickets.promises import apology, promises, renewal
from tickets.promises.keeping import MAX_CHANGES
from tickets.promises.promises import Estimate, Remaining

# In one pass: other sweeps wait for it, and informing one customer takes about 15 ms.
MAX_CHECKED, MAX_NOTIFIED = 2_000, 100
RETRY_AFTER = timedelta(hours=1)
TEMPLATE = "tickets/mail/delay"


def notify_of_delays(*, now: datetime, limit: int = MAX_NOTIFIED) -> int:
    """Replace promises that cannot be kept and inform their customers; return how many were informed.

    The most urgent come first. At most `limit` in one pass; the next pass does the others.
    """
    cache = _QueueCache(now)
    watched = renewal.find_watched(now=now)[:MAX_CHECKED]
    endangered = [promise for promise in watched if cache.seems_endangered(promise)]
    notified = (promise for promise in endangered if _notify(promise, cache, now=now))
    return sum(1 for _promise in islice(notified, limit))


@dataclass
class _QueueCache:
    """What is loaded once for all promises of a queue in one pass: its hours and its forecasts."""

    now: datetime
    _hours: dict[int, Hours] = field(default_factory=dict)
    _remaining: dict[tuple[int, bool], Remaining] = field(default_factory=dict)

    def seems_endangered(self, promise: Promise) -> bool:
        """Tell whether a promise seems endangered and may be changed now. Nothing is locked for this."""
        hours = self.load_hours(promise.ticket.queue)
        is_live = find_medium(promise.ticket.channel.slug) != Medium.MAIL
        if not renewal.may_change_now(promise, hours, is_live=is_live, now=self.now):
            return False
        return renewal.is_endangered(promise, self.estimate(promise, is_live=False), hours, now=self.now)

    def load_hours(self, queue: Queue) -> Hours:
        if queue.pk not in self._hours:
            self._hours[queue.pk] = opening_hours.load_queue_hours(queue, now=self.now)
        return self._hours[queue.pk]

    def estimate(self, promise: Promise, *, is_live: bool) -> Estimate | None:
        """Return the present estimate for the answer or call of a promise, or None if it is unknown."""
        queue = promise.ticket.queue
        if promise.kind == Promise.Kind.CALLBACK:
            return renewal.estimate_next_call(self.load_hours(queue), now=self.now)
        since = promise.ticket.waiting_since or promise.made_at
        attempts = (True, False) if is_live else (False,)
        return next(
            filter(None, (self._forecast(queue, is_live=attempt)(since) for attempt in attempts)), None
        )

    def _forecast(self, queue: Queue, *, is_live: bool) -> Remaining:
        key = queue.pk, is_live
        if key not in self._remaining:
            self._remaining[key] = promises.build_forecast(queue, is_live=is_live, now=self.now)
        return self._remaining[key]


@dataclass(frozen=True)
class _Route:
    """How a customer is informed: the adapter, the participant, and their mail address (may be empty)."""

    adapter: Adapter
    participant: Participant | None
    address: str

    @property
    def is_live(self) -> bool:
        return self.adapter.is_live

    @property
    def leads_anywhere(self) -> bool:
        return bool(self.address) or not self.adapter.needs_address


def _notify(endangered: Promise, cache: _QueueCache, *, now: datetime) -> bool:
    """Check one promise again with its ticket locked, and inform its customer; return whether we did."""
    with transaction.atomic():
        promise = _lock_watched(endangered, now=now)
        if promise is None:
            return False
        ticket = promise.ticket
        route = _find_route(ticket)
        hours = cache.load_hours(ticket.queue)
        estimate = cache.estimate(promise, is_live=route.is_live)
        if not renewal.is_endangered(promise, estimate, hours, now=now):
            return False
        if not _is_suitable_moment(promise, hours, route, now=now):
            return False
        if not _reserve_route(route, now=now):
            renewal.postpone_check(promise, now + RETRY_AFTER)
            return False
        new = (
            renewal.choose_next_estimate(estimate, hours, is_live=route.is_live, now=now)
            if estimate
            else None
        )
        reason = renewal.find_reason(promise, estimate, ticket)
        may_change = promise.changes + 1 < MAX_CHANGES
        text = apology.write_apology(promise, new, reason, may_change=may_change, now=now)
        renewal.replace_promise(promise, new, reason, now=now)
        _write_and_send(ticket, text, route, now=now)
    return True


def _lock_watched(promise: Promise, *, now: datetime) -> Promise | None:
    """Lock the ticket of a promise and load the promise again; None if nobody need be informed any more.

    The lock ensures that an agent's reply at this moment comes before this check or after the message.
    """
    Ticket.objects.select_for_update(no_key=True).only("pk").get(pk=promise.ticket_id)
    return renewal.find_watched(now=now).filter(pk=promise.pk).first()


def _is_suitable_moment(promise: Promise, hours: Hours, route: _Route, *, now: datetime) -> bool:
    """Tell whether to inform now: not too often, by day, and not while an agent is about to reply.

    An overdue promise does not wait for the reply.
    """
    ticket = promise.ticket
    if not renewal.may_change_now(promise, hours, is_live=route.is_live, now=now):
        return False
    if promise.due_at <= now:
        return True
    writers = Reader.objects.present(now).filter(ticket=ticket, is_writing=True)
    scheduled = Outbound.objects.filter(
        ticket=ticket,
        kind=Outbound.Kind.REPLY,
        state=Outbound.State.SCHEDULED,
        next_attempt_at__lte=promise.due_at,
    )
    return not writers.exists() and not scheduled.exists()


def _find_route(ticket: Ticket) -> _Route:
    """Return the route of a reply; unlike a reply, the message does not go to participants in copy."""
    adapter = reply_adapter(ticket)
    requester, mail_address, _copies = find_recipients(ticket)
    return _Route(adapter, requester, adapter.reply_address(requester, mail_address))


def _reserve_route(route: _Route, *, now: datetime) -> bool:
    """Check whether automatic mail may use the route, and count it against the limits."""
    if not route.leads_anywhere or (route.participant is not None and route.participant.is_undeliverable):
        return False
    if not route.address:
        return True
    if auto_mail.is_paused(route.address, now=now) or complaints.has_complained(route.address):
        return False
    return auto_mail.reserve_automatic_mail(route.address, load_mailboxes(), now=now)


def _write_and_send(ticket: Ticket, text: str, route: _Route, *, now: datetime) -> None:
    """Add the text to the ticket as a message, and to the outbox unless it is read in a chat."""
    ticket.last_seq += 1
    ticket.updated_at = now
    ticket.save(update_fields=["last_seq", "updated_at"])
    message = Message.objects.create(
        ticket=ticket,
        seq=ticket.last_seq,
        kind=Message.Kind.OUTBOUND,
        channel_slug=route.adapter.slug,
        text=text,
        language=ticket.language,
        is_auto=True,
        created_at=now,
    )
    data = {"message": message.pk, "is_auto": True, "customer": ticket.customer_id}
    events.record("message.out", ticket=ticket, by=SYSTEM, at=now, channel=route.adapter.slug, data=data)
    if not route.address:
        return  # the window of the chat loads new messages itself
    outbox.add_outbound(
        Outbound.Kind.NOTICE,
        channel=outbox.choose_mail_channel(ticket) if route.adapter.is_mail else ticket.channel,
        to=route.address,
        ticket=ticket,
        message=message,
        participant=route.participant,
        payload={"template": TEMPLATE},
        wait=route.adapter.wait_before_sending,
        now=now,
    )

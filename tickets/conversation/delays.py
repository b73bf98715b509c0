"""Tell customers in time that a promise cannot be kept: an apology, why, and a new time, where they wrote.

Software writes it and says so. It answers nothing: the ticket waits on us as before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction

from tickets import events
from tickets.actor import SYSTEM
from tickets.channels.base import Adapter
from tickets.channels.registry import medium_of, reply_adapter
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

LOOKED_AT, MOST_TOLD = 2_000, 100  # in one pass: other sweeps wait for it, and telling one takes about 15 ms
UNREACHABLE_FOR = timedelta(hours=1)
TEMPLATE = "tickets/mail/delay"


def tell_of_delays(*, now: datetime, limit: int = MOST_TOLD) -> int:
    """Promise anew what cannot be kept any more, and tell the customers; return how many were told.

    The most urgent come first; beyond `limit` they are told by the next pass.
    """
    look = _Look(now)
    watched = renewal.find_watched(now=now)[:LOOKED_AT]
    endangered = [promise for promise in watched if look.finds_in_danger(promise)]
    told = (promise for promise in endangered if _tell(promise, look, now=now))
    return sum(1 for _promise in islice(told, limit))


@dataclass
class _Look:
    """What is read once for all promises of a queue: its hours, and how long people have still to wait."""

    now: datetime
    _hours: dict[int, Hours] = field(default_factory=dict)
    _remaining: dict[tuple[int, bool], Remaining] = field(default_factory=dict)

    def finds_in_danger(self, promise: Promise) -> bool:
        """Tell whether a promise looks endangered and may be changed now, before anything is locked."""
        hours = self.hours(promise.ticket.queue)
        is_live = medium_of(promise.ticket.channel.slug) != Medium.MAIL
        if not renewal.may_change_now(promise, hours, is_live=is_live, now=self.now):
            return False
        return renewal.is_endangered(promise, self.found(promise, is_live=False), hours, now=self.now)

    def hours(self, queue: Queue) -> Hours:
        if queue.pk not in self._hours:
            self._hours[queue.pk] = opening_hours.load_queue_hours(queue, now=self.now)
        return self._hours[queue.pk]

    def found(self, promise: Promise, *, is_live: bool) -> Estimate | None:
        """Return when somebody who waits for this promise is answered, or None where nobody can say."""
        queue = promise.ticket.queue
        if promise.kind == Promise.Kind.CALLBACK:
            return renewal.estimate_next_call(self.hours(queue), now=self.now)
        since = promise.ticket.waiting_since or promise.made_at
        ways = (True, False) if is_live else (False,)
        return next(filter(None, (self._forecast(queue, is_live=way)(since) for way in ways)), None)

    def _forecast(self, queue: Queue, *, is_live: bool) -> Remaining:
        key = queue.pk, is_live
        if key not in self._remaining:
            self._remaining[key] = promises.build_forecast(queue, is_live=is_live, now=self.now)
        return self._remaining[key]


@dataclass(frozen=True)
class _Way:
    """How a customer is told: by which adapter, and at which mail address, if there is one."""

    adapter: Adapter
    participant: Participant | None
    address: str

    @property
    def is_live(self) -> bool:
        return self.adapter.is_live

    @property
    def leads_anywhere(self) -> bool:
        return bool(self.address) or not self.adapter.needs_address


def _tell(endangered: Promise, look: _Look, *, now: datetime) -> bool:
    """Look again at one promise with its ticket locked, and tell its customer; return whether they were."""
    with transaction.atomic():
        promise = _lock_watched(endangered, now=now)
        if promise is None:
            return False
        ticket = promise.ticket
        way = _way_to(ticket)
        hours = look.hours(ticket.queue)
        found = look.found(promise, is_live=way.is_live)
        if not renewal.is_endangered(promise, found, hours, now=now):
            return False
        if not _is_the_moment(promise, hours, way, now=now):
            return False
        if not _may_be_written_to(way, now=now):
            renewal.postpone_check(promise, now + UNREACHABLE_FOR)
            return False
        new = renewal.choose_next_estimate(found, hours, is_live=way.is_live, now=now) if found else None
        reason = renewal.find_reason(promise, found, ticket)
        may_change = promise.changes + 1 < MAX_CHANGES
        text = apology.write_apology(promise, new, reason, may_change=may_change, now=now)
        renewal.replace_promise(promise, new, reason, now=now)
        _say(ticket, text, way, now=now)
    return True


def _lock_watched(promise: Promise, *, now: datetime) -> Promise | None:
    """Lock the ticket of a promise and read it again: whoever answers now comes before or after.

    None: it need not be told any more.
    """
    Ticket.objects.select_for_update(no_key=True).only("pk").get(pk=promise.ticket_id)
    return renewal.find_watched(now=now).filter(pk=promise.pk).first()


def _is_the_moment(promise: Promise, hours: Hours, way: _Way, *, now: datetime) -> bool:
    """Tell whether to speak now: by day, not too often, and not while an answer is being written."""
    ticket = promise.ticket
    if not renewal.may_change_now(promise, hours, is_live=way.is_live, now=now):
        return False
    if promise.due_at <= now:
        return True
    writes = Reader.objects.present(now).filter(ticket=ticket, is_writing=True)
    leaving = Outbound.objects.filter(
        ticket=ticket,
        kind=Outbound.Kind.REPLY,
        state=Outbound.State.SCHEDULED,
        next_attempt_at__lte=promise.due_at,
    )
    return not writes.exists() and not leaving.exists()


def _way_to(ticket: Ticket) -> _Way:
    """Return the way by which a reply would leave now; a reply alone goes to people in copy as well."""
    adapter = reply_adapter(ticket)
    requester, mail_address, _copies = find_recipients(ticket)
    return _Way(adapter, requester, adapter.reply_address(requester, mail_address))


def _may_be_written_to(way: _Way, *, now: datetime) -> bool:
    """Tell whether software may write there, by the limits of all automatic mail, and count that it does."""
    if not way.leads_anywhere or (way.participant is not None and way.participant.is_undeliverable):
        return False
    if not way.address:
        return True
    if auto_mail.is_paused(way.address, now=now) or complaints.has_complained(way.address):
        return False
    return auto_mail.reserve_automatic_mail(way.address, load_mailboxes(), now=now)


def _say(ticket: Ticket, text: str, way: _Way, *, now: datetime) -> None:
    """Write the words into the conversation, and send them where they are not read there."""
    ticket.last_seq += 1
    ticket.updated_at = now
    ticket.save(update_fields=["last_seq", "updated_at"])
    message = Message.objects.create(
        ticket=ticket,
        seq=ticket.last_seq,
        kind=Message.Kind.OUTBOUND,
        channel_slug=way.adapter.slug,
        text=text,
        language=ticket.language,
        is_auto=True,
        created_at=now,
    )
    said = {"message": message.pk, "is_auto": True, "customer": ticket.customer_id}
    events.record("message.out", ticket=ticket, by=SYSTEM, at=now, channel=way.adapter.slug, data=said)
    if not way.address:
        return  # the chat's window reads the rows
    outbox.add_outbound(
        Outbound.Kind.NOTICE,
        channel=outbox.choose_mail_channel(ticket) if way.adapter.is_mail else ticket.channel,
        to=way.address,
        ticket=ticket,
        message=message,
        participant=way.participant,
        payload={"template": TEMPLATE},
        wait=way.adapter.wait_before_sending,
        now=now,
    )

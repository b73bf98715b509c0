"""Who is there: status by command, heartbeats, lost connections, and the spans that remember it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from routing.errors import StillTalking
from routing.models import Agent, Offer, Presence, WorkItem
from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.errors import Invalid, Stale
from tickets.platform import tasks_on_commit
from tickets.platform.sql import execute_update, load_rows

LOST_AFTER = timedelta(seconds=90)
SIGNED_OFF_AFTER = timedelta(hours=2)
LONGEST_BREAK = timedelta(hours=12)
OVERRUN = timedelta(minutes=30)
THERE = (Presence.Status.AVAILABLE, Presence.Status.FOCUS, Presence.Status.BREAK, Presence.Status.AWAY)
MOVED = ["status", "return_at", "since", "signed_on_at", "seen_at", "is_connected", "version"]
PAUSED = (Presence.Status.BREAK, Presence.Status.AWAY)

CLOSE_SPANS = """
WITH gone AS (
    DELETE FROM routing_presencespan
    WHERE agent_id = ANY(%(agents)s) AND upper_inf(during) AND lower(during) >= %(at)s)
UPDATE routing_presencespan SET during = tstzrange(lower(during), %(at)s)
WHERE agent_id = ANY(%(agents)s) AND upper_inf(during) AND lower(during) < %(at)s
"""
OPEN_SPAN = """
INSERT INTO routing_presencespan (agent_id, during, status, works_from)
SELECT a.id, tstzrange(%(at)s, NULL), %(status)s, a.works_from FROM routing_agent a WHERE a.id = %(agent)s
"""
LOST = """
UPDATE routing_presence p SET is_connected = FALSE, lost_at = coalesce(p.lost_at, p.seen_at)
FROM routing_agent a
WHERE a.id = p.agent_id AND p.is_connected AND p.seen_at < %(before)s
RETURNING p.agent_id, p.status, p.seen_at, a.user_id
"""


class Lost(NamedTuple):
    """An agent whose connection was lost, with their status and last heartbeat."""

    agent_id: int
    status: str
    seen_at: datetime
    user_id: int


def set_status(
    agent: Agent,
    status: str,
    *,
    by: Actor,
    now: datetime,
    return_at: datetime | None = None,
    version: int | None = None,
) -> bool:
    """Set an agent's status; return whether anything changed.

    `version` is the one the page showed: an old page cannot reset the status.

    Raises:
        Invalid: there is no such status, a break has no end, or the time of return is not ahead.
        StillTalking: signing off during a chat or call.
        Stale: the status changed since the page was loaded.
    """
    if status not in Presence.Status.values:
        raise Invalid(_("Choose one of the five statuses."), code="unknown_status")
    if status == Presence.Status.BREAK and return_at is None:
        raise Invalid(_("Enter when your break ends, so that colleagues know."), code="return_missing")
    if return_at is not None and not now < return_at <= now + LONGEST_BREAK:
        raise Invalid(_("Enter a return time within the next 12 hours."), code="bad_return")
    with transaction.atomic():
        presence = Presence.objects.select_for_update().get(pk=agent.pk)
        if version is not None and version != presence.version:
            raise Stale
        if status == Presence.Status.OFFLINE and _talks(agent):
            raise StillTalking
        return _move(presence, status, by=by, now=now, return_at=return_at)


def choose_channels(agent: Agent, *, calls: bool, chats: bool, mail: bool, by: Actor, now: datetime) -> bool:
    """Set which channels an available agent receives; return whether anything changed.

    Raises Invalid if none is left: the status "away" is for that.
    """
    if not (calls or chats or mail):
        raise Invalid(_("Keep at least one channel, or set yourself to away."), code="no_channel")
    with transaction.atomic():
        presence = Presence.objects.select_for_update().get(pk=agent.pk)
        if (presence.takes_calls, presence.takes_chats, presence.takes_mail) == (calls, chats, mail):
            return False
        presence.takes_calls, presence.takes_chats, presence.takes_mail = calls, chats, mail
        presence.version += 1
        presence.save(update_fields=["takes_calls", "takes_chats", "takes_mail", "version"])
        data = {"user": agent.user_id, "calls": calls, "chats": chats, "mail": mail}
        events.record("agent.channels", by=by, at=now, data=data)
        tasks_on_commit.enqueue("routing.tasks.route")
    return True


def record_heartbeat(agent: Agent, *, now: datetime) -> Presence:
    """Record a heartbeat of an agent's open page; reconnect the agent if the connection was lost."""
    Presence.objects.filter(pk=agent.pk).update(seen_at=now)
    presence = Presence.objects.get(pk=agent.pk)
    if not presence.is_connected and presence.status != Presence.Status.OFFLINE:
        with transaction.atomic():
            back = Presence.objects.filter(pk=agent.pk, is_connected=False).update(is_connected=True)
            if back:
                presence.is_connected = True
                _span(presence, presence.status, now)
                _announce(presence, "disconnected", presence.status, by=Actor.for_user(agent.user), now=now)
    return presence


def mark_lost_connections(now: datetime) -> int:
    """Mark agents without a heartbeat for 90 s as disconnected; return how many.

    Their status stays, so that they resume it when they reconnect. After two hours they are set to offline.
    """
    with transaction.atomic():
        lost = load_rows(Lost, LOST, {"before": now - LOST_AFTER})
        for person in lost:
            execute_update(CLOSE_SPANS, {"agents": [person.agent_id], "at": person.seen_at})
            data = {"from": person.status, "to": "disconnected", "user": person.user_id}
            events.record("agent.state", by=SYSTEM, at=now, data=data)
        return_offers([person.agent_id for person in lost], now=now)
    _sign_off_absent(now)
    return len(lost)


def end_overrun_breaks(now: datetime) -> int:
    """Let nobody be due back for ever: half an hour after the time they gave they are away, without one.

    Return how many people that makes. They see before that their time is over; work is kept for nobody by
    a time that has passed.
    """
    overdue = Presence.objects.filter(status__in=PAUSED, return_at__lt=now - OVERRUN)
    ended = 0
    for presence in overdue.select_related("agent"):
        with transaction.atomic():
            ended += _end_pause(presence, now=now)
    return ended


def end_contact(agent_ids: Sequence[int], *, live: bool, now: datetime) -> None:
    """Record that agents have just ended a contact: wrap-up time and fairness count from `now`."""
    ended = {"last_contact_at": now, **({"last_live_at": now} if live else {})}
    if agent_ids:
        Presence.objects.filter(pk__in=agent_ids).update(**ended)


def return_offers(agent_ids: Sequence[int], *, now: datetime) -> None:
    """Withdraw the open offers of absent agents; the items wait again, keeping their waiting time.

    An offer that is being answered just now is skipped: whoever accepts it counts capacity under the lock
    of the presence that the caller holds. Should the answer fail, the offer expires.
    """
    standing = Offer.objects.standing().filter(agent__in=agent_ids).select_related("item")
    withdrawn = list(standing.select_for_update(of=("self", "item"), skip_locked=True).order_by("pk"))
    if withdrawn:
        offers, items = zip(*[(offer.pk, offer.item_id) for offer in withdrawn], strict=True)
        Offer.objects.filter(pk__in=offers).update(state=Offer.State.RETURNED, answered_at=now)
        offered = WorkItem.objects.filter(pk__in=items, state=WorkItem.State.OFFERED)
        offered.update(state=WorkItem.State.WAITING, agent=None)


def _move(presence: Presence, status: str, *, by: Actor, now: datetime, return_at: datetime | None) -> bool:
    before, was_connected = presence.status, presence.is_connected
    presence.is_connected = status in THERE
    presence.seen_at = now
    if status == before and presence.return_at == return_at and was_connected == presence.is_connected:
        presence.save(update_fields=["seen_at"])
        return False
    presence.status, presence.return_at = status, return_at
    presence.version += 1
    if status != before:
        presence.since = now
    if before == Presence.Status.OFFLINE:
        presence.signed_on_at = now
    presence.save(update_fields=MOVED)
    if status != before or not was_connected:
        _span(presence, status, now)
    if status != before:
        _announce(presence, before, status, by=by, now=now)
    if status in (*PAUSED, Presence.Status.OFFLINE):
        return_offers([presence.pk], now=now)
    tasks_on_commit.enqueue("routing.tasks.route")
    return True


def _end_pause(presence: Presence, *, now: datetime) -> int:
    """Set an agent to away without a return time, unless their status has changed since."""
    was_break = presence.status == Presence.Status.BREAK
    fields: dict[str, Any] = {"return_at": None, "version": presence.version + 1}
    if was_break:
        fields |= {"status": Presence.Status.AWAY, "since": now}
    if not Presence.objects.filter(pk=presence.pk, version=presence.version).update(**fields):
        return 0
    if was_break and presence.is_connected:
        _span(presence, Presence.Status.AWAY, now)
    _announce(presence, presence.status, Presence.Status.AWAY, by=SYSTEM, now=now)
    tasks_on_commit.enqueue("routing.tasks.route")
    return 1


def _span(presence: Presence, status: str, now: datetime) -> None:
    execute_update(CLOSE_SPANS, {"agents": [presence.pk], "at": now})
    if status in THERE:
        execute_update(OPEN_SPAN, {"agent": presence.pk, "at": now, "status": status})


def _announce(presence: Presence, before: str, after: str, *, by: Actor, now: datetime) -> None:
    data = {"from": before, "to": after, "user": presence.agent.user_id}
    events.record("agent.state", by=by, at=now, data=data)


def _talks(agent: Agent) -> bool:
    return WorkItem.objects.taken().filter(agent=agent, kind__in=WorkItem.LIVE).exists()


def _sign_off_absent(now: datetime) -> None:
    absent = Presence.objects.filter(is_connected=False, seen_at__lt=now - SIGNED_OFF_AFTER)
    for presence in absent.exclude(status=Presence.Status.OFFLINE).select_related("agent"):
        with transaction.atomic():
            unchanged = Presence.objects.filter(pk=presence.pk, version=presence.version)
            if unchanged.update(status=Presence.Status.OFFLINE, since=now, version=presence.version + 1):
                _announce(presence, presence.status, Presence.Status.OFFLINE, by=SYSTEM, now=now)

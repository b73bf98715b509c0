"""Offers of live work: made by dispatch, accepted, declined with a reason, or run out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from routing.errors import OfferGone
from routing.models import Agent, Alert, Decision, Offer, Presence, WorkItem
from routing.surge import alerts
from routing.workforce.presence import set_status
from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.errors import Invalid
from tickets.models import Event, Ticket
from tickets.platform import tasks_on_commit

LATE_ANSWER = timedelta(seconds=2)  # a click on its way when the time ran out still counts
MISSES_MEAN_AWAY = 2
MISSES_ALARM = 2


def accept(offer: Offer, *, by: Actor, now: datetime) -> Ticket:
    """Accept an offer: the ticket is assigned to its agent. Accepting twice changes nothing.

    Raises OfferGone when the offer has expired or the customer has left.
    """
    with transaction.atomic():
        ticket, item = _lock_item(offer)
        if offer.state == Offer.State.ACCEPTED and item.agent_id == offer.agent_id:
            return ticket
        standing = Offer.objects.standing().filter(pk=offer.pk, expires_at__gt=now - LATE_ANSWER)
        if not standing.update(state=Offer.State.ACCEPTED, answered_at=now):
            raise OfferGone
        taken = WorkItem.objects.filter(pk=item.pk, state=WorkItem.State.OFFERED, agent=offer.agent_id)
        if not taken.update(state=WorkItem.State.TAKEN, given_at=now, version=F("version") + 1):
            raise OfferGone
        _with_person(offer, ticket, item, by=by, now=now)
    return ticket


def decline(offer: Offer, reason: str, *, by: Actor, now: datetime) -> bool:
    """Decline an offer with a reason; the item is not offered to this agent again for ten minutes.

    Raises Invalid for an unknown reason. Returns False when the offer was no longer open.
    """
    if reason not in Offer.Reason.values:
        raise Invalid(_("Say why, so that the same is not asked of you again."), code="reason_missing")
    with transaction.atomic():
        _lock_item(offer)
        standing = Offer.objects.standing().filter(pk=offer.pk)
        if not standing.update(state=Offer.State.DECLINED, reason=reason, answered_at=now):
            return False
        _put_back([offer.item_id], now=now)
        _free_hands([offer])
        data = {**_names(offer), "reason": reason}
        events.record("assignment.declined", ticket=offer.item.ticket, by=by, at=now, data=data)
        tasks_on_commit.enqueue("routing.tasks.route")
    return True


def expire_offers(now: datetime) -> int:
    """Expire offers whose time is over; their items wait again, keeping their waiting time. Return how many.

    An agent who missed two offers in a row is set to away.
    """
    with transaction.atomic():
        over = list(
            Offer.objects.standing()
            .filter(expires_at__lte=now - LATE_ANSWER)
            .select_related("agent__user", "item__ticket")
            .select_for_update(of=("self", "item", "item__ticket"), skip_locked=True)
            .order_by("pk")
        )  # what somebody is answering just now is left to the next pass
        Offer.objects.filter(pk__in=[o.pk for o in over]).update(state=Offer.State.EXPIRED, answered_at=now)
        _put_back([offer.item_id for offer in over], now=now)
        _free_hands(over)
        events.record_many(*(_timeout(offer, now) for offer in over))
        for offer in over:
            _away_after_misses(offer.agent, now=now)
    return len(over)


def _lock_item(offer: Offer) -> tuple[Ticket, WorkItem]:
    """Lock the ticket and then the item, so that a yes and a no to one offer come one after the other."""
    ticket = Ticket.objects.select_for_update(of=("self",)).get(work_items=offer.item_id)
    return ticket, WorkItem.objects.select_for_update(of=("self",)).get(pk=offer.item_id)


def _with_person(offer: Offer, ticket: Ticket, item: WorkItem, *, by: Actor, now: datetime) -> None:
    names = _names(offer)
    events.record_many(
        events.build_event("assignment.accepted", ticket=ticket, by=by, at=now, data=names),
        events.build_event(
            "queue.answered", ticket=ticket, by=by, at=now, data={"item": item.pk, "user": names["user"]}
        ),
    )
    data = {"reason": "accepted", "decision": offer.decision_id, "item": item.pk}
    ticket.set_assignee(offer.agent.user, by=by, now=now, data=data)
    Presence.objects.filter(pk=offer.agent_id).update(last_contact_at=now)
    decision = offer.decision
    if decision is not None:
        effort = decision.data.get("effort_seconds", 0)
        Decision.objects.filter(pk=decision.pk).update(effort_seconds=effort)


def _put_back(items: Sequence[int], *, now: datetime) -> None:
    offered = WorkItem.objects.filter(pk__in=items, state=WorkItem.State.OFFERED)
    offered.update(
        state=WorkItem.State.WAITING, agent=None, returns=F("returns") + 1, version=F("version") + 1
    )
    missed = WorkItem.objects.filter(pk__in=items, state=WorkItem.State.WAITING, returns__gte=MISSES_ALARM)
    alerts.raise_for_items(missed, Alert.Kind.MISSED, now=now)


def _free_hands(offers: Sequence[Offer]) -> None:
    for offer in offers:
        Presence.objects.filter(pk=offer.agent_id, free_units__lte=100 - UNITS[offer.item.kind]).update(
            free_units=F("free_units") + UNITS[offer.item.kind]
        )


def _away_after_misses(agent: Agent, *, now: datetime) -> None:
    last = Offer.objects.filter(agent=agent).order_by("-offered_at", "-pk")[:MISSES_MEAN_AWAY]
    states = [offer.state for offer in last]
    if states == [Offer.State.EXPIRED] * MISSES_MEAN_AWAY:
        set_status(agent, Presence.Status.AWAY, by=SYSTEM, now=now)


def _timeout(offer: Offer, now: datetime) -> Event:
    return events.build_event(
        "assignment.timeout", ticket=offer.item.ticket, by=SYSTEM, at=now, data=_names(offer)
    )


def _names(offer: Offer) -> dict[str, Any]:
    return {"item": offer.item_id, "offer": offer.pk, "user": offer.agent.user_id}


UNITS: dict[str, int] = {WorkItem.Kind.CHAT: 33, WorkItem.Kind.CALLBACK: 100}

"""Assign tickets: the one way to set an assignee, for people and for routing, with the same checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from routing.assigning import work_items
from routing.assigning.offers import UNITS
from routing.errors import NotAssignable, TakenMeanwhile
from routing.models import Agent, Decision, Leave, Offer, Policy, Presence, WorkItem
from routing.workforce.agents import demand_agent
from tickets import events
from tickets.actor import Actor
from tickets.errors import Invalid
from tickets.models import Handover, Queue, QueueMembership, Ticket
from tickets.platform import tasks_on_commit

How = Decision.How


@dataclass(frozen=True)
class Why:
    """What is recorded with a manual assignment: how it was made, and a short reason.

    `insist` passes over a full desk and a leave, `is_speaking` over full hands as well: they speak with the
    customer already. `wish` is the event that asked for it.
    """

    how: str = How.ASSIGNED
    reason: str = ""
    insist: bool = False
    is_speaking: bool = False
    wish: int | None = None


def assign(
    ticket: Ticket, agent: Agent, *, by: Actor, now: datetime, why: Why | None = None
) -> Decision | None:
    """Assign a ticket to an agent; return the recorded decision, or None if they already have the ticket.

    Raises NotAssignable with a sentence that gives the reason: the account is inactive, the agent does not
    work in the queue, is on leave, or has no capacity left.
    """
    why = why or Why()
    with transaction.atomic():
        ticket = _locked(ticket)
        if ticket.assignee_id == agent.user_id:
            return None
        item = load_work_item(ticket, now=now)
        Presence.objects.select_for_update().filter(pk=agent.pk).first()  # places are counted under this lock
        _guard(ticket, item, agent, by=by, now=now, why=why)
        before = item.agent_id
        _take_back_offer(item, now=now)
        _move_hands(item, agent, before, is_speaking=why.is_speaking)
        state = WorkItem.State.CLOSED if item.state == WorkItem.State.CLOSED else WorkItem.State.TAKEN
        item.agent = None if state == WorkItem.State.CLOSED else agent
        item.owner_id = (before or item.owner_id) if item.agent else agent.pk
        item.state, item.given_at, item.hold_agent, item.waiting_why = state, now, None, {}
        item.version += 1
        item.save(
            update_fields=["state", "agent", "owner", "given_at", "hold_agent", "waiting_why", "version"]
        )
        decision = _record(item, agent, by=by, now=now, why=why)
        data = {"reason": why.reason or why.how, "decision": decision.pk, "item": item.pk}
        ticket.set_assignee(agent.user, by=by, now=now, data=data)
        Presence.objects.filter(pk=agent.pk).update(last_contact_at=now)
    return decision


def assign_to_me(ticket: Ticket, *, by: Actor, now: datetime) -> Decision | None:
    """Assign a ticket to the acting person. Raises TakenMeanwhile when a colleague has it."""
    agent = demand_agent(by, now=now)
    with transaction.atomic():
        present = _locked(ticket).assignee_id
        if present is not None and present != agent.user_id:
            raise TakenMeanwhile
        return assign(ticket, agent, by=by, now=now, why=Why(How.TAKEN, insist=True))


def release(ticket: Ticket, *, by: Actor, now: datetime, reason: str = "") -> bool:
    """Unassign a ticket, so that it waits for another agent; return whether it was assigned.

    The former assignee is not chosen again for ten minutes.
    """
    with transaction.atomic():
        ticket = _locked(ticket)
        if ticket.assignee_id is None:
            return False
        item = load_work_item(ticket, now=now)
        was = item.agent_id or item.owner_id
        _move_hands(item, None, item.agent_id)
        Offer.objects.filter(item=item, state=Offer.State.ACCEPTED).update(state=Offer.State.RETURNED)
        WorkItem.objects.filter(pk=item.pk, state=WorkItem.State.TAKEN).update(
            state=WorkItem.State.WAITING, agent=None, given_at=None, version=F("version") + 1
        )
        decision = Decision.objects.create(
            item=item, how=How.RELEASED, agent_id=was, by_id=by.user_id, reason=reason[:40], at=now
        )
        data = {"reason": reason[:40] or "released", "decision": decision.pk, "item": item.pk}
        ticket.set_assignee(None, by=by, now=now, data=data)
        tasks_on_commit.enqueue("routing.tasks.route")
    return True


def hand_over(
    ticket: Ticket, to: Agent | Queue, *, by: Actor, now: datetime, summary: str = "", is_warm: bool = False
) -> Handover:
    """Transfer a ticket to an agent or a queue, with a summary for the next person.

    Raises NotAssignable as `assign` does, and Invalid if the ticket is already there.
    """
    person, place = (to, None) if isinstance(to, Agent) else (None, to)
    with transaction.atomic():
        ticket = _locked(ticket)
        if (person and person.user_id == ticket.assignee_id) or (place and place.pk == ticket.queue_id):
            raise Invalid(_("It is already there. Choose somebody else, or another queue."), code="is_there")
        handover = Handover.objects.create(
            ticket=ticket,
            from_user_id=by.user_id,
            to_user=person.user if person else None,
            to_queue=place,
            summary=summary.strip(),
            is_warm=is_warm,
            at=now,
        )
        data = {
            "from_user": ticket.assignee_id,
            "to_user": person.user_id if person else None,
            "to_queue": place.pk if place else None,
            "is_warm": is_warm,
            "handover": handover.pk,
        }
        events.record("transfer", ticket=ticket, by=by, at=now, data=data)
        if person:
            assign(ticket, person, by=by, now=now, why=Why(How.HANDED_OVER))
        elif place:
            _to_queue(ticket, place, by=by, now=now)
    return handover


def load_work_item(ticket: Ticket, *, now: datetime) -> WorkItem:
    """Return the ticket's open work item, a live one first; else its closed item, created if missing."""
    work_items.reconcile_work_items(now, [ticket.pk])
    items = WorkItem.objects.select_for_update(of=("self",)).filter(ticket=ticket)
    open_items = items.exclude(state=WorkItem.State.CLOSED).exclude(kind=WorkItem.Kind.FOLLOW_UP)
    ranked = sorted(open_items, key=lambda item: (*WorkItem.LIVE, *WorkItem.TURNS).index(item.kind))
    if ranked:
        return ranked[0]
    closed = {"queue_id": ticket.queue_id, "state": WorkItem.State.CLOSED, "eligible_at": now}
    turn, _made = items.get_or_create(
        ticket=ticket, kind__in=WorkItem.TURNS, defaults={**closed, "kind": WorkItem.Kind.TICKET}
    )
    return turn


def _to_queue(ticket: Ticket, queue: Queue, *, by: Actor, now: datetime) -> None:
    release(ticket, by=by, now=now, reason="handed_over")
    ticket.refresh_from_db(fields=["assignee", "version"])
    ticket.move_to(queue, by=by, now=now)
    WorkItem.objects.filter(ticket=ticket).exclude(state=WorkItem.State.CLOSED).update(
        queue=queue, version=F("version") + 1
    )


def _locked(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)


def _guard(ticket: Ticket, item: WorkItem, agent: Agent, *, by: Actor, now: datetime, why: Why) -> None:
    """Raise NotAssignable if the agent cannot take the item or, unless `why.insist` is set, should not."""
    name = str(agent)
    if not (agent.is_active and agent.user.is_active):
        raise NotAssignable(_("%(name)s no longer receives work.") % {"name": name}, code="not_active")
    if not _may_work_in(ticket, agent, now):
        sentence = _("%(name)s does not work in this queue. Ask a supervisor to add them to it first.")
        raise NotAssignable(sentence % {"name": name}, code="not_member")
    if why.insist or by.user_id == agent.user_id:
        return
    if Leave.objects.filter(agent=agent, during__contains=now).exists():
        raise NotAssignable(
            _("%(name)s is on leave. Choose somebody else.") % {"name": name}, code="on_leave"
        )
    held = WorkItem.objects.taken().filter(agent=agent).exclude(kind__in=WorkItem.LIVE).count()
    if not item.is_live and item.state != WorkItem.State.CLOSED and held >= agent.places:
        sentence = _(
            "%(name)s is at full capacity (%(places)s tickets). Ask them first, or choose somebody else."
        )
        raise NotAssignable(sentence % {"name": name, "places": agent.places}, code="places_full")


def _may_work_in(ticket: Ticket, agent: Agent, now: datetime) -> bool:
    if agent.user.is_superuser:
        return True
    memberships = QueueMembership.objects.live(now)
    return memberships.filter(user_id=agent.user_id, queue_id=ticket.queue_id).exists()


def _take_back_offer(item: WorkItem, *, now: datetime) -> None:
    standing = Offer.objects.filter(item=item, state__in=(Offer.State.OFFERED, Offer.State.ACCEPTED))
    standing.update(state=Offer.State.RETURNED, answered_at=now)


def _move_hands(
    item: WorkItem, agent: Agent | None, before: int | None, *, is_speaking: bool = False
) -> None:
    """Move the capacity that live work uses from the agent `before` to `agent`; the row's guard is the limit.

    Who is speaking with the customer has their hands in it already, however few were free.
    """
    units = UNITS.get(item.kind, 0) if item.state != WorkItem.State.CLOSED else 0
    if not units:
        return
    if agent is not None and is_speaking:
        Presence.objects.filter(pk=agent.pk).update(free_units=Greatest(0, F("free_units") - units))
    elif agent is not None:
        free = Presence.objects.filter(pk=agent.pk, free_units__gte=units)
        if not free.update(free_units=F("free_units") - units):
            sentence = _("%(name)s has no capacity left for this. Ask them first, or choose somebody else.")
            raise NotAssignable(sentence % {"name": str(agent)}, code="hands_full")
    if before is not None:
        busy = Presence.objects.filter(pk=before, free_units__lte=100 - units)
        busy.update(free_units=F("free_units") + units)


def _record(item: WorkItem, agent: Agent, *, by: Actor, now: datetime, why: Why) -> Decision:
    policy = Policy.in_force()
    return Decision.objects.create(
        item=item,
        how=why.how,
        agent=agent,
        by_id=by.user_id,
        reason=why.reason[:40],
        at=now,
        policy_version=policy.version,
        policy_hash=policy.hash,
        effort_seconds=round(policy.rules(item.medium).handling_seconds),
        wish_id=why.wish,
    )

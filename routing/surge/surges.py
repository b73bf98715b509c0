"""Surges: detected by two thresholds; volunteers are asked to help, and released when the surge ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from routing.models import Agent, Alert, Policy, Surge, SurgeAsk, SurgePlan, WorkItem
from routing.queries.conditions import MAY_WORK, ON_LEAVE, THERE
from routing.surge import alerts
from routing.workforce import notices
from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.errors import Invalid
from tickets.models import Message, QueueMembership
from tickets.platform import tasks_on_commit
from tickets.platform.sql import load_column, load_value
from tickets.queries.relations import ACCOUNTS, LIVE_MEMBERSHIPS, QUEUES

OVER_FOR, BELOW_FOR = timedelta(minutes=1), timedelta(minutes=5)
WEEK = timedelta(days=7)
LENT_ON = timedelta(minutes=5)

# The expected wait: the oldest that waits, or all work ahead shared by those at their desks.
WAIT = f"""
SELECT greatest(
    coalesce((SELECT max(tickets_open_seconds(q.calendar_id, w.eligible_at, %(now)s))
              FROM routing_workitem w WHERE w.queue_id = q.id AND w.state IN ('waiting', 'offered')), 0),
    %(handling)s * (SELECT count(*) FROM routing_workitem w
                    WHERE w.queue_id = q.id AND w.state IN ('waiting', 'offered'))
    / greatest(1, (SELECT count(*) FROM routing_agent a
        JOIN {ACCOUNTS} u ON u.id = a.user_id
        JOIN routing_presence p ON p.agent_id = a.id
        JOIN {LIVE_MEMBERSHIPS} m ON m.user_id = a.user_id AND m.queue_id = q.id AND m.role = 'agent'
        WHERE {THERE})))::int
FROM {QUEUES} q WHERE q.id = %(queue)s
"""  # noqa: S608  (the pieces are constants)

# Whoever may be asked: willing, not of the queue, not on leave, within their own limit for a week; those
# who can what the queue wants first, then who was asked the longest ago.
VOLUNTEERS = f"""
SELECT a.id FROM routing_agent a
JOIN {ACCOUNTS} u ON u.id = a.user_id
LEFT JOIN LATERAL (SELECT max(k.asked_at) AS at,
        count(*) FILTER (WHERE k.answer = 'yes' AND k.answered_at > %(week)s) AS helped
    FROM routing_surgeask k WHERE k.agent_id = a.id) asked ON TRUE
LEFT JOIN LATERAL (SELECT coalesce(sum(least(s.level, greatest(n.required_level, n.wanted_level))), 0) AS fit,
        bool_and(coalesce(s.level, 0) >= n.required_level) AS can
    FROM routing_queueskill n LEFT JOIN routing_agentskill s ON s.skill_id = n.skill_id AND s.agent_id = a.id
    WHERE n.queue_id = %(queue)s) skills ON TRUE
WHERE a.helps_out AND {MAY_WORK} AND NOT {ON_LEAVE} AND coalesce(skills.can, TRUE)
  AND asked.helped < a.helps_a_week
  AND NOT EXISTS (SELECT FROM routing_surgeask k WHERE k.surge_id = %(surge)s AND k.agent_id = a.id)
  AND NOT EXISTS (SELECT FROM {LIVE_MEMBERSHIPS} m
                  WHERE m.user_id = a.user_id AND m.queue_id = %(queue)s)
ORDER BY skills.fit DESC, asked.at ASC NULLS FIRST, a.id LIMIT %(most)s
"""  # noqa: S608  (the pieces are constants)


def update_surges(now: datetime) -> int:
    """Start and end surges, ask volunteers and release helpers, for each plan; return how many changes."""
    changes = 0
    for plan in SurgePlan.objects.filter(is_active=True).select_related("queue"):
        with transaction.atomic():
            locked = SurgePlan.objects.select_for_update(skip_locked=True).filter(pk=plan.pk).first()
            if locked is not None:
                changes += _look(locked, now=now)
    return changes + _release_due(now)


def answer_request(ask: SurgeAsk, says_yes: bool, *, by: Actor, now: datetime) -> bool:
    """Record a volunteer's answer; a yes opens the queue for a limited time. Return whether it is new.

    Raises Invalid when the surge or the time to answer is over.
    """
    with transaction.atomic():
        surge = Surge.objects.select_for_update().get(pk=ask.surge_id)
        standing = SurgeAsk.objects.standing(now).filter(pk=ask.pk)
        chosen = SurgeAsk.Answer.YES if says_yes else SurgeAsk.Answer.NO
        if SurgeAsk.objects.filter(pk=ask.pk, answer=chosen).exists():
            return False
        plan = SurgePlan.objects.filter(queue_id=surge.queue_id).first()
        until = now + timedelta(minutes=plan.duty_minutes) if says_yes and plan else None
        if plan is None or not standing.update(answer=chosen, answered_at=now, duty_until=until):
            raise Invalid(_("Thank you, but it is no longer needed."), code="ask_gone")
        data = {"surge": surge.pk, "ask": ask.pk, "user": ask.agent.user_id, "answer": str(chosen)}
        events.record("surge.answered", by=by, at=now, queue_id=surge.queue_id, data=data)
        if until is not None:
            _lend(ask, plan, until, now=now)
    return True


def release_helper(ask: SurgeAsk, *, by: Actor, now: datetime) -> bool:
    """End a helper's duty; their open work waits for other agents. Return whether they were on duty."""
    with transaction.atomic():
        if not SurgeAsk.objects.on_duty().filter(pk=ask.pk).update(released_at=now):
            return False
        lent = QueueMembership.objects.filter(user_id=ask.agent.user_id, queue_id=ask.surge.queue_id)
        lent.filter(until=ask.duty_until).update(until=now)
        data = {"surge": ask.surge_id, "ask": ask.pk, "user": ask.agent.user_id}
        events.record("surge.released", by=by, at=now, queue_id=ask.surge.queue_id, data=data)
        tasks_on_commit.enqueue("routing.tasks.route")
    return True


def expected_wait(queue_id: int, *, now: datetime) -> int:
    """Return the expected wait in seconds: the longest current wait or the work ahead, if longer."""
    handling = Policy.in_force().mail.handling_seconds
    return load_value(int, WAIT, {"queue": queue_id, "now": now, "handling": handling})


def load_replies_to_check(buddy: Agent) -> list[tuple[SurgeAsk, list[Message]]]:
    """Return the first replies of each helper whose buddy is this agent."""
    asks = SurgeAsk.objects.on_duty().filter(buddy=buddy).select_related("agent__user", "surge__queue")
    return [(ask, first) for ask in asks if (first := _first_replies(ask))]


def _look(plan: SurgePlan, *, now: datetime) -> int:
    surge = Surge.objects.filter(queue_id=plan.queue_id, ended_at=None).first()
    wait = expected_wait(plan.queue_id, now=now)
    over, below = wait >= 60 * plan.from_minutes, wait < 60 * plan.until_minutes
    plan.over_since = (plan.over_since or now) if over else None
    plan.below_since = (plan.below_since or now) if below else None
    plan.save(update_fields=["over_since", "below_since"])
    if surge is None:
        if plan.over_since is None or now - plan.over_since < OVER_FOR:
            return 0
        surge = _begin(plan, wait, now=now)
    elif plan.below_since is not None and now - plan.below_since >= BELOW_FOR:
        return _end(surge, now=now)
    return _ask_more(plan, surge, now=now) if over else 0


def _begin(plan: SurgePlan, wait: int, *, now: datetime) -> Surge:
    surge = Surge.objects.create(queue_id=plan.queue_id, began_at=now, wait_seconds=wait)
    data = {"surge": surge.pk, "wait_seconds": wait}
    events.record("surge.began", by=SYSTEM, at=now, queue_id=plan.queue_id, data=data)
    alerts.raise_for_queue(plan.queue_id, Alert.Kind.SURGE, now=now)
    return surge


def _end(surge: Surge, *, now: datetime) -> int:
    Surge.objects.filter(pk=surge.pk).update(ended_at=now)
    events.record("surge.ended", by=SYSTEM, at=now, queue_id=surge.queue_id, data={"surge": surge.pk})
    alerts.settle_queue_alert(surge.queue_id, Alert.Kind.SURGE, now=now)
    return 1


def _ask_more(plan: SurgePlan, surge: Surge, *, now: datetime) -> int:
    open_asks = SurgeAsk.objects.standing(now).filter(surge=surge).count()
    most = plan.asked_at_once - open_asks
    if most <= 0:
        return 0
    parameters = {"queue": plan.queue_id, "surge": surge.pk, "now": now, "week": now - WEEK, "most": most}
    volunteers = Agent.objects.select_related("user").in_bulk(load_column(int, VOLUNTEERS, parameters))
    for agent in volunteers.values():
        _ask(plan, surge, agent, now=now)
    return len(volunteers)


def _ask(plan: SurgePlan, surge: Surge, agent: Agent, *, now: datetime) -> None:
    expires_at = now + timedelta(minutes=plan.answer_minutes)
    ask = SurgeAsk.objects.create(surge=surge, agent=agent, asked_at=now, expires_at=expires_at)
    data = {"surge": surge.pk, "ask": ask.pk, "user": agent.user_id}
    events.record("surge.asked", by=SYSTEM, at=now, queue_id=plan.queue_id, data=data)
    queue = plan.queue.label(agent.user.language)
    address = reverse("routing:rushes")
    notices.notify(agent.user, "help", address, now=now, queue=queue, minutes=plan.duty_minutes)


def _lend(ask: SurgeAsk, plan: SurgePlan, until: datetime, *, now: datetime) -> None:
    """Open the queue to a helper until a moment, and name a buddy: who works there and is at the desk."""
    QueueMembership.objects.update_or_create(
        user_id=ask.agent.user_id,
        queue_id=plan.queue_id,
        defaults={
            "role": QueueMembership.Role.AGENT,
            "until": until,
            "hides_personal_data": plan.hides_personal_data,
        },
    )
    regulars = Agent.objects.active().in_queue(plan.queue_id).exclude(pk=ask.agent_id)
    regulars = regulars.filter(user__memberships__until=None, presence__is_connected=True)
    buddies = regulars.order_by(F("presence__last_contact_at").asc(nulls_first=True), "pk")
    SurgeAsk.objects.filter(pk=ask.pk).update(buddy=buddies.first() if plan.buddy_replies else None)
    tasks_on_commit.enqueue("routing.tasks.route")


def _release_due(now: datetime) -> int:
    """Release helpers whose time or surge is over, but nobody during a conversation."""
    due = SurgeAsk.objects.on_duty().select_related("agent", "surge")
    over = [ask for ask in due if ask.surge.ended_at is not None or (ask.duty_until or now) <= now]
    talking = [ask for ask in over if _talks(ask)]
    for ask in talking:
        _lend_on(ask, now + LENT_ON)
    return sum(release_helper(ask, by=SYSTEM, now=now) for ask in over if ask not in talking)


def _lend_on(ask: SurgeAsk, until: datetime) -> None:
    """Keep the queue open to a helper who is still talking with a customer there."""
    lent = QueueMembership.objects.filter(user_id=ask.agent.user_id, queue_id=ask.surge.queue_id)
    if lent.filter(until=ask.duty_until).update(until=until):
        SurgeAsk.objects.filter(pk=ask.pk).update(duty_until=until)


def _talks(ask: SurgeAsk) -> bool:
    live = WorkItem.objects.taken().filter(agent=ask.agent, kind__in=WorkItem.LIVE)
    return live.filter(queue_id=ask.surge.queue_id).exists()


def _first_replies(ask: SurgeAsk) -> list[Message]:
    plan = SurgePlan.objects.filter(queue_id=ask.surge.queue_id).first()
    replies = Message.objects.filter(
        author_user_id=ask.agent.user_id,
        kind=Message.Kind.OUTBOUND,
        ticket__queue_id=ask.surge.queue_id,
        created_at__gte=ask.answered_at,
    )
    return list(replies.select_related("ticket").order_by("created_at")[: plan.buddy_replies if plan else 0])

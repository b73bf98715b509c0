"""Ask customers whether they wait for the agent they know or are helped by another agent now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from routing.models import WaitChoice, WorkItem
from routing.queries.conditions import MAY_WORK, ON_LEAVE, THERE, member_of
from tickets import events, wording
from tickets.actor import SYSTEM, Actor
from tickets.customers.recipients import find_recipients
from tickets.delivery import outbox
from tickets.errors import Invalid
from tickets.hours import wording as opening_words
from tickets.models import Outbound, Ticket
from tickets.platform import tasks_on_commit
from tickets.platform.sql import load_rows, load_value
from tickets.promises.wait_question import Choice
from tickets.queries.relations import ACCOUNTS, TICKETS

REACH = timedelta(hours=4)
TO_ANSWER = {WorkItem.Kind.CHAT: timedelta(minutes=1), WorkItem.Kind.TICKET: timedelta(minutes=15)}
TEMPLATE = "routing/mail/wait_or_now"

# Items whose known agent is away and expected back soon, while a colleague could help now.
ASKABLE = f"""
SELECT w.id, k.agent_id, b.back_at
FROM routing_workitem w
JOIN {TICKETS} t ON t.id = w.ticket_id
CROSS JOIN LATERAL (SELECT coalesce(w.owner_id, (SELECT r.agent_id FROM routing_relationship r
    WHERE r.customer_id = t.customer_id AND r.role = 'owner')) AS agent_id) k
JOIN routing_agent a ON a.id = k.agent_id
JOIN {ACCOUNTS} u ON u.id = a.user_id
LEFT JOIN routing_presence p ON p.agent_id = a.id
CROSS JOIN LATERAL (SELECT CASE WHEN p.is_connected AND p.status IN ('away', 'break') THEN p.return_at
    WHEN NOT {THERE} THEN (SELECT min(lower(s.during)) FROM routing_shift s
        WHERE s.agent_id = a.id AND lower(s.during) > %(now)s) END AS back_at) b
WHERE w.state = 'waiting' AND w.kind IN ('ticket', 'chat') AND w.hold_agent_id IS NULL AND t.priority < 3
  AND {MAY_WORK} AND {member_of("w.queue_id")} AND NOT {ON_LEAVE}
  AND b.back_at > %(now)s AND b.back_at <= %(reach)s
  AND NOT EXISTS (SELECT FROM routing_waitchoice c WHERE c.item_id = w.id AND c.asked_at >= w.eligible_at)
  AND NOT EXISTS (SELECT FROM routing_leave l WHERE l.agent_id = a.id AND l.during @> b.back_at)
ORDER BY w.eligible_at LIMIT 50
"""  # noqa: S608  (the pieces are constants)

OTHER_FREE_AGENTS = f"""
SELECT count(*) FROM routing_agent a
JOIN {ACCOUNTS} u ON u.id = a.user_id JOIN routing_presence p ON p.agent_id = a.id
WHERE {THERE} AND p.status = 'available' AND {member_of("%(queue)s")} AND a.id <> %(agent)s
"""  # noqa: S608  (the pieces are constants)


class Askable(NamedTuple):
    """An item, the agent whom its customer knows, and when that agent is expected back."""

    id: int
    agent_id: int
    back_at: datetime


def ask_customers(now: datetime) -> int:
    """Ask each customer who can wait for a known agent, once; return how many. Expects dispatch's lock.

    Until the answer, and at most for a short time, the item is reserved for the known agent.
    """
    count = 0
    for row in load_rows(Askable, ASKABLE, {"now": now, "reach": now + REACH}):
        item = (
            WorkItem.objects.select_related("ticket__customer", "ticket__channel").filter(pk=row.id).first()
        )
        if item is not None and _is_anybody_else_free(item.queue_id, row.agent_id, now):
            count += _ask(item, row.agent_id, row.back_at, now=now)
    return count


def record_answer(choice: WaitChoice, waits: bool, *, by: Actor, now: datetime) -> bool:
    """Record the customer's answer; return whether it is new. Raises Invalid if an agent has the item."""
    chosen = WaitChoice.Answer.WAIT if waits else WaitChoice.Answer.NOW
    with transaction.atomic():
        item = WorkItem.objects.select_for_update().get(pk=choice.item_id)
        if WaitChoice.objects.filter(pk=choice.pk, answer=chosen).exists():
            return False
        standing = WaitChoice.objects.standing(now).filter(pk=choice.pk)
        if item.state != WorkItem.State.WAITING or not standing.update(answer=chosen, answered_at=now):
            raise Invalid(_("Somebody is already handling it."), code="choice_gone")
        held = {"hold_agent": choice.agent_id, "hold_until": choice.until} if waits else _NO_HOLD
        WorkItem.objects.filter(pk=item.pk).update(**held, version=F("version") + 1)
        data = {"choice": choice.pk, "user": choice.agent.user_id, "answer": str(chosen)}
        events.record("wait.answered", ticket=item.ticket, by=by, at=now, data=data)
        tasks_on_commit.enqueue("routing.tasks.route")
    return True


def load_open_question(ticket: Ticket, *, now: datetime) -> Choice | None:
    """Return the question that the ticket's customer can answer now, in the active language, or None."""
    choices = WaitChoice.objects.standing(now).filter(item__ticket=ticket, item__state="waiting")
    choice = choices.select_related("agent__user").first()
    if choice is None:
        return None
    name = choice.agent.user.short_name
    zone = opening_words.find_zone(ticket.queue.calendar)
    when = wording.format_time(choice.until.astimezone(zone))
    sentence = _("%(name)s, who knows your request, is back by %(time)s. A colleague could help you now.")
    return Choice(
        key=str(choice.pk),
        sentence=sentence % {"name": name, "time": when},
        options=(
            ("wait", _("Wait for %(name)s") % {"name": name}),
            ("now", _("A colleague, now")),
        ),
    )


def record_answer_by_key(ticket: Ticket, key: str, option: str, *, by: Actor, now: datetime) -> bool:
    """Record an answer given on the customer's page or in the chat. Raises Invalid for an unknown option."""
    is_number = key.isascii() and key.isdigit() and len(key) < 19
    choices = WaitChoice.objects.filter(item__ticket=ticket, pk=int(key)) if is_number else None
    choice = choices.select_related("agent").first() if choices is not None else None
    if choice is None or option not in ("wait", "now"):
        raise Invalid(_("Choose one of the two."), code="no_such_option")
    return record_answer(choice, option == "wait", by=by, now=now)


_NO_HOLD: dict[str, Any] = {"hold_agent": None, "hold_until": None}


def _is_anybody_else_free(queue_id: int, agent_id: int, now: datetime) -> bool:
    parameters = {"queue": queue_id, "agent": agent_id, "now": now}
    return load_value(int, OTHER_FREE_AGENTS, parameters) > 0


def _ask(item: WorkItem, agent_id: int, back_at: datetime, *, now: datetime) -> int:
    hold_until = min(back_at, now + TO_ANSWER[WorkItem.Kind(item.kind)])
    kept = WorkItem.objects.filter(pk=item.pk, state=WorkItem.State.WAITING, hold_agent=None)
    if not kept.update(hold_agent=agent_id, hold_until=hold_until, version=F("version") + 1):
        return 0
    choice = WaitChoice.objects.create(item=item, agent_id=agent_id, until=back_at, asked_at=now)
    data = {"choice": choice.pk, "user": choice.agent.user_id, "until": back_at.isoformat()}
    events.record("wait.asked", ticket=item.ticket, by=SYSTEM, at=now, data=data)
    _tell(item.ticket, choice, now=now)
    return 1


def _tell(ticket: Ticket, choice: WaitChoice, *, now: datetime) -> None:
    """Mail the question to the first participant, unless the item is a chat: there the page shows it."""
    requester, address, _copies = find_recipients(ticket)
    if requester is None or not address or choice.item.kind == WorkItem.Kind.CHAT:
        return
    with translation.override(ticket.language):
        question = load_open_question(ticket, now=now)
    outbox.add_outbound(
        Outbound.Kind.NOTICE,
        channel=outbox.choose_mail_channel(ticket),
        to=address,
        ticket=ticket,
        participant=requester,
        payload={"template": TEMPLATE, "question": question.sentence if question else ""},
        now=now,
    )

"""What can happen to a ticket itself: each verb is atomic, records an event, and does nothing twice."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tickets import events
from tickets.actor import Actor
from tickets.errors import Invalid, WrongState
from tickets.states import WAITS_ON, State, is_transition_allowed

if TYPE_CHECKING:
    from tickets.models import Motive, Queue, Ticket


class TicketVerbs:
    """State changes of a ticket. Every verb takes `by` and `now` and returns whether anything changed."""

    def open(self, *, by: Actor, now: datetime) -> bool:
        """Take up work again: the ticket waits on us."""
        if _ticket(self).is_finished:
            return self.reopen(by=by, now=now, cause="agent")
        return self._move(State.OPEN, by=by, now=now)

    def wait_for_customer(self, *, by: Actor, now: datetime) -> bool:
        """Pending: the next word is the customer's."""
        return self._move(State.PENDING, by=by, now=now)

    def put_on_hold(self, *, by: Actor, now: datetime) -> bool:
        """On hold: a third party has to act first; the customer still waits for us."""
        return self._move(State.ON_HOLD, by=by, now=now)

    def solve(self, *, by: Actor, now: datetime) -> bool:
        """Solve the matter: only a person does that."""
        if not by.is_human:
            raise WrongState(code="only_people_solve")
        return self._move(State.SOLVED, by=by, now=now, solved_at=now, waiting_since=None)

    def close(self, *, by: Actor, now: datetime) -> bool:
        """Close for good; a reply within the company's days still reopens it."""
        fields: dict[str, Any] = {"closed_at": now}
        if _ticket(self).solved_at is None:
            fields["solved_at"] = now
        return self._move(State.CLOSED, by=by, now=now, **fields)

    def reopen(self, *, by: Actor, now: datetime, cause: str) -> bool:
        """Bring a solved or closed ticket back to work. `cause`: customer, agent, bounce."""
        ticket = _ticket(self)
        if not ticket.is_finished:
            return False
        return self._move(
            State.OPEN,
            by=by,
            now=now,
            cause=cause,
            solved_at=None,
            closed_at=None,
            reopened_count=ticket.reopened_count + 1,
        )

    def move_to(self, queue: Queue, *, by: Actor, now: datetime) -> bool:
        """Move to another queue; routing then looks for the right person there.

        Raises Invalid for a queue that is switched off.
        """
        ticket = _ticket(self)
        if ticket.queue_id == queue.pk:
            return False
        if not queue.is_active:
            raise Invalid(_("This queue is switched off. Choose another one."), code="unknown_queue")
        with transaction.atomic():
            left = ticket.queue_id
            self._save(now, queue=queue)
            events.record_many(
                events.build_event(
                    "queue.left", ticket=ticket, by=by, at=now, queue_id=left, data={"reason": "moved"}
                ),
                events.build_event("queue.entered", ticket=ticket, by=by, at=now, data={"from_queue": left}),
            )
        return True

    def set_assignee(self, user: Any | None, *, by: Actor, now: datetime, data: dict[str, Any]) -> bool:
        """Write who has the ticket. Only routing calls this, after its guards (routing.assigning.assignment).

        `data` goes into the event: reason, decision, work item.
        """
        ticket = _ticket(self)
        user_id = user.pk if user is not None else None
        if ticket.assignee_id == user_id:
            return False
        with transaction.atomic():
            before = ticket.assignee_id
            self._save(now, assignee=user)
            kind = "assignment.made" if user_id else "assignment.released"
            people = {"from_user": before, "to_user": user_id}
            events.record(kind, ticket=ticket, by=by, at=now, data={**people, **data})
            if user_id and ticket.state == State.NEW:
                self._move(State.OPEN, by=by, now=now)
        return True

    def set_motive(self, motive: Motive | None, *, by: Actor, now: datetime) -> bool:
        """Say why the customer reached out."""
        ticket = _ticket(self)
        motive_id = motive.pk if motive else None
        if ticket.motive_id == motive_id:
            return False
        with transaction.atomic():
            before = ticket.motive_id
            self._save(now, motive=motive)
            events.record(
                "motive.set", ticket=ticket, by=by, at=now, data={"motive": motive_id, "before": before}
            )
        return True

    def set_priority(self, priority: int, *, by: Actor, now: datetime) -> bool:
        """Change how soon the ticket should be answered."""
        ticket = _ticket(self)
        if ticket.priority == priority:
            return False
        with transaction.atomic():
            before = ticket.priority
            self._save(now, priority=priority)
            events.record(
                "ticket.priority", ticket=ticket, by=by, at=now, data={"priority": priority, "before": before}
            )
        return True

    def rename(self, subject: str, *, by: Actor, now: datetime) -> bool:
        """Give the ticket another subject."""
        ticket = _ticket(self)
        subject = subject.strip()[:500]
        if ticket.subject == subject:
            return False
        with transaction.atomic():
            self._save(now, subject=subject)
            events.record("ticket.renamed", ticket=ticket, by=by, at=now)
        return True

    def mark_spam(self, *, by: Actor, now: datetime) -> bool:
        """Take the ticket out of work and out of every number; it can be undone."""
        return self._set_spam(True, by=by, now=now)

    def unmark_spam(self, *, by: Actor, now: datetime) -> bool:
        """Bring a ticket back that was no spam after all."""
        return self._set_spam(False, by=by, now=now)

    def _set_spam(self, is_spam: bool, *, by: Actor, now: datetime) -> bool:
        ticket = _ticket(self)
        if ticket.is_spam == is_spam:
            return False
        with transaction.atomic():
            self._save(now, is_spam=is_spam)
            events.record("ticket.spam", ticket=ticket, by=by, at=now, data={"is_spam": is_spam})
        return True

    def _move(self, target: str, *, by: Actor, now: datetime, cause: str = "", **fields: Any) -> bool:
        """Guarded state change: somebody else's change in between makes it a refusal, not a loss."""
        ticket = _ticket(self)
        source = ticket.state
        if source == target:
            return False
        if not is_transition_allowed(source, target):
            raise WrongState
        with transaction.atomic():
            changed = (
                type(ticket)
                .objects.filter(pk=ticket.pk, state=source)
                .update(state=target, updated_at=now, version=ticket.version + 1, **fields)
            )
            if not changed:
                raise WrongState
            ticket.state, ticket.updated_at, ticket.version = target, now, ticket.version + 1
            ticket.waits_on = WAITS_ON[target]
            for name, value in fields.items():
                setattr(ticket, name, value)
            self._record_move(source, target, by=by, now=now, cause=cause)
        return True

    def _record_move(self, source: str, target: str, *, by: Actor, now: datetime, cause: str) -> None:
        ticket = _ticket(self)
        step = {"from": source, "to": target}
        drafts = [events.build_event("ticket.state", ticket=ticket, by=by, at=now, cause=cause, data=step)]
        if target == State.SOLVED or (target == State.CLOSED and source != State.SOLVED):
            drafts.append(
                events.build_event("ticket.resolved", ticket=ticket, by=by, at=now, cause=cause, data=step)
            )
        if target == State.CLOSED:
            drafts.append(events.build_event("ticket.closed", ticket=ticket, by=by, at=now, cause=cause))
        if source in (State.SOLVED, State.CLOSED) and target == State.OPEN:
            drafts.append(events.build_event("ticket.reopened", ticket=ticket, by=by, at=now, cause=cause))
        if WAITS_ON[source] != WAITS_ON[target]:
            waits = {"from": WAITS_ON[source], "to": WAITS_ON[target]}
            drafts.append(events.build_event("ticket.waits_on", ticket=ticket, by=by, at=now, data=waits))
        events.record_many(*drafts)

    def _save(self, now: datetime, **fields: Any) -> None:
        ticket = _ticket(self)
        for name, value in fields.items():
            setattr(ticket, name, value)
        ticket.updated_at, ticket.version = now, ticket.version + 1
        ticket.save(update_fields=[*fields, "updated_at", "version"])


def _ticket(verbs: TicketVerbs) -> Ticket:
    return cast("Ticket", verbs)

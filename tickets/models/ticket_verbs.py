"""The state changes of a ticket. Each is atomic, records an event, and has no effect the second time."""

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
    """The verbs of a ticket. Each takes `by` and `now`, and returns whether anything changed.

    Raises WrongState if the ticket's state does not allow the change, or changed since the row was read.
    """

    def open(self, *, by: Actor, now: datetime) -> bool:
        """Set the ticket to open: it waits on us. A solved or closed one is reopened."""
        if _ticket(self).is_finished:
            return self.reopen(by=by, now=now, cause="agent")
        return self._move(State.OPEN, by=by, now=now)

    def wait_for_customer(self, *, by: Actor, now: datetime) -> bool:
        """Set the ticket to pending: it waits on the customer."""
        return self._move(State.PENDING, by=by, now=now)

    def put_on_hold(self, *, by: Actor, now: datetime) -> bool:
        """Set the ticket on hold: it waits on a third party. The customer still waits for us."""
        return self._move(State.ON_HOLD, by=by, now=now)

    def solve(self, *, by: Actor, now: datetime) -> bool:
        """Set the ticket to solved. Raises WrongState if `by` is not a person."""
        if not by.is_human:
            raise WrongState(code="only_people_solve")
        return self._move(State.SOLVED, by=by, now=now, solved_at=now, waiting_since=None)

    def close(self, *, by: Actor, now: datetime) -> bool:
        """Close the ticket. A reply within the company's `reopen_days` reopens it."""
        fields: dict[str, Any] = {"closed_at": now}
        if _ticket(self).solved_at is None:
            fields["solved_at"] = now
        return self._move(State.CLOSED, by=by, now=now, **fields)

    def reopen(self, *, by: Actor, now: datetime, cause: str) -> bool:
        """Reopen a solved or closed ticket. `cause`: "customer", "agent" or "bounce"."""
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
        """Move the ticket to another queue. Routing then looks for an agent there.

        Raises Invalid if the queue is inactive.
        """
        ticket = _ticket(self)
        if ticket.queue_id == queue.pk:
            return False
        if not queue.is_active:
            raise Invalid(_("This queue is switched off. Choose another one."), code="unknown_queue")
        with transaction.atomic():
            before = ticket.queue_id
            self._save(now, queue=queue)
            events.record_many(
                events.build_event(
                    "queue.left", ticket=ticket, by=by, at=now, queue_id=before, data={"reason": "moved"}
                ),
                events.build_event(
                    "queue.entered", ticket=ticket, by=by, at=now, data={"from_queue": before}
                ),
            )
        return True

    def set_assignee(self, user: Any | None, *, by: Actor, now: datetime, data: dict[str, Any]) -> bool:
        """Set the assignee, or None. Only routing.assigning.assignment calls this, after its checks.

        `data` is added to the event: reason, decision, work item. A new ticket becomes open.
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
        """Set the contact reason."""
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
        """Set the priority."""
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
        """Set the subject, cut to 500 characters."""
        ticket = _ticket(self)
        subject = subject.strip()[:500]
        if ticket.subject == subject:
            return False
        with transaction.atomic():
            self._save(now, subject=subject)
            events.record("ticket.renamed", ticket=ticket, by=by, at=now)
        return True

    def mark_spam(self, *, by: Actor, now: datetime) -> bool:
        """Mark the ticket as spam: it leaves the queues and reports, until `unmark_spam`."""
        return self._set_spam(True, by=by, now=now)

    def unmark_spam(self, *, by: Actor, now: datetime) -> bool:
        """Mark the ticket as not spam: it returns to the queues and reports."""
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
        """Change the state, unless the row changed since it was read.

        The update is guarded by the earlier state: of two changes at the same time the second is refused, and
        cannot overwrite the first.
        """
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
        unsaved = [events.build_event("ticket.state", ticket=ticket, by=by, at=now, cause=cause, data=step)]
        if target == State.SOLVED or (target == State.CLOSED and source != State.SOLVED):
            unsaved.append(
                events.build_event("ticket.resolved", ticket=ticket, by=by, at=now, cause=cause, data=step)
            )
        if target == State.CLOSED:
            unsaved.append(events.build_event("ticket.closed", ticket=ticket, by=by, at=now, cause=cause))
        if source in (State.SOLVED, State.CLOSED) and target == State.OPEN:
            unsaved.append(events.build_event("ticket.reopened", ticket=ticket, by=by, at=now, cause=cause))
        if WAITS_ON[source] != WAITS_ON[target]:
            waits = {"from": WAITS_ON[source], "to": WAITS_ON[target]}
            unsaved.append(events.build_event("ticket.waits_on", ticket=ticket, by=by, at=now, data=waits))
        events.record_many(*unsaved)

    def _save(self, now: datetime, **fields: Any) -> None:
        ticket = _ticket(self)
        for name, value in fields.items():
            setattr(ticket, name, value)
        ticket.updated_at, ticket.version = now, ticket.version + 1
        ticket.save(update_fields=[*fields, "updated_at", "version"])


def _ticket(verbs: TicketVerbs) -> Ticket:
    return cast("Ticket", verbs)

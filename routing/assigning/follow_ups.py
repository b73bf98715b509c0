"""Follow-ups: an agent should contact a customer again although the ticket waits on nobody."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from routing.models import Agent, WorkItem
from routing.workforce.presence import end_contact
from tickets.models import Ticket
from tickets.platform import tasks_on_commit


def request_follow_up(ticket: Ticket, *, now: datetime, owner: Agent | None = None) -> WorkItem:
    """Create a follow-up, preferably for `owner`; return the ticket's open follow-up if it has one."""
    with transaction.atomic():
        Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
        kind = WorkItem.Kind.FOLLOW_UP
        present = WorkItem.objects.filter(ticket=ticket, kind=kind).exclude(state=WorkItem.State.CLOSED)
        item = present.first() or WorkItem.objects.create(
            kind=kind, ticket=ticket, queue_id=ticket.queue_id, owner=owner, eligible_at=now
        )
        tasks_on_commit.enqueue("routing.tasks.route")
    return item


def finish_follow_up(item: WorkItem, *, now: datetime) -> bool:
    """Close a follow-up; return whether it was open."""
    with transaction.atomic():
        open_item = WorkItem.objects.select_for_update().exclude(state=WorkItem.State.CLOSED)
        present = open_item.filter(pk=item.pk).first()
        if present is None:
            return False
        if present.agent_id is not None:
            end_contact([present.agent_id], live=False, now=now)
        WorkItem.objects.filter(pk=item.pk).update(
            state=WorkItem.State.CLOSED,
            owner_id=present.agent_id or present.owner_id,
            agent=None,
            closed_at=now,
            version=F("version") + 1,
        )
    return True

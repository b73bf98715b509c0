"""The list of tickets behind a number, limited to tickets that the reader may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from metrics.asking.metric import Metric
from tickets import wording
from tickets.actor import Actor
from tickets.models import Ticket


@dataclass(frozen=True)
class ListedTicket:
    """One counted row. `ticket` is None if the reader may not see it any more."""

    number: int
    ticket: Ticket | None
    at: datetime | None
    part: str
    detail: str


def list_tickets(metric: Metric, rows: Sequence[Any], *, by: Actor) -> list[ListedTicket]:
    """Return one line for each row, in their order; a row counts even when its ticket cannot be opened."""
    numbers = {row.row_ticket for row in rows}
    seen = (
        Ticket.objects.visible_to(by).filter(pk__in=numbers).select_related("customer", "queue", "assignee")
    )
    tickets = seen.prefetch_related("customer__identities").in_bulk()
    names = {part.slug: str(part.label) for part in metric.parts}
    return [
        ListedTicket(
            row.row_ticket,
            tickets.get(row.row_ticket),
            row.row_at,
            names.get(row.part, row.part),
            _detail(row) if row.row_ticket in tickets else "",
        )
        for row in rows
    ]


def _detail(row: models.Model) -> str:
    """Return the row's own value: a duration, or a customer's answer."""
    wall = getattr(row, "wall", getattr(row, "age", None))
    if wall is not None:
        return wording.format_duration(wall)
    score, comment = getattr(row, "score", None), getattr(row, "comment", "")
    return " · ".join(filter(None, [f"{score}/7" if score else "", comment]))

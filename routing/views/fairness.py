"""Fairness: one's own share against the group's middle; for supervisors how even it is, without names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from routing.continuity import relationships
from routing.views import page
from routing.workforce import fairness
from routing.workforce.agents import demand_agent, find_agent
from routing.workforce.fairness import Load
from tickets import wording
from tickets.desk import responses
from tickets.desk.access import Desk, for_agents

PERIODS = (7, 28, 91)


@require_GET
@for_agents
def ledger(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the person's own figures, and for each supervised queue how even the work lies."""
    days = next((days for days in PERIODS if request.GET.get("days") == str(days)), 28)
    last = desk.now.date()
    first = last - timedelta(days=days - 1)
    me = find_agent(desk.actor, now=desk.now)
    group = fairness.sum_loads(desk.queues, first, last, now=desk.now)
    mine = group.get(me.pk) if me else None
    context = page.frame(desk, "fairness") | {
        "mine": _own(mine, fairness.compute_medians(group.values())) if mine else [],
        "peers": len(group),
        "least": fairness.LEAST_PEERS,
        "groups": [_group(desk, pk, first, last) for pk in desk.queues if pk in desk.supervised],
        "same_human": relationships.count_known_agents(
            desk.queues, desk.now - timedelta(days=days), desk.now
        ),
        "periods": PERIODS,
        "days": days,
        "measures": [(name, label) for name, label, _form in _measures()],
    }
    return render(request, "routing/fairness.html", context)


@require_POST
@for_agents
def hard(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Say that a ticket was hard (`hard` is 1), or not after all; it counts as more work for the person."""
    ticket, agent = desk.ticket(number), demand_agent(desk.actor, now=desk.now)
    is_hard = request.POST.get("hard") == "1"
    fairness.mark_hard(ticket, agent, is_hard, by=desk.actor, now=desk.now)
    text = _("Marked as difficult.") if is_hard else _("Cancelled.")
    return responses.render_change(request, desk, ticket, text)


def _own(mine: Load, middle: dict[str, float] | None) -> list[dict[str, Any]]:
    """Return each figure beside the group's middle, with bars on one scale."""
    rows = []
    for name, label, form in _measures():
        value, half = float(getattr(mine, name)), middle[name] if middle else None
        scale = max(value, half or 0.0) or 1.0
        rows.append(
            {
                "label": label,
                "value": form(value),
                "middle": form(half) if half is not None else "",
                "share": round(100 * value / scale),
                "middle_share": round(100 * (half or 0.0) / scale),
            }
        )
    return rows


def _group(desk: Desk, queue_id: int, first: Any, last: Any) -> dict[str, Any]:
    loads = list(fairness.sum_loads([queue_id], first, last, now=desk.now).values())
    rows = []
    for name, label, form in _measures():
        even = fairness.measure_evenness(loads, name)
        if even is not None:
            spread = f"{form(even.low)} – {form(even.high)}"
            rows.append({"label": label, "even": even, "spread": spread, "middle": form(even.middle)})
    return {"queue": desk.queues[queue_id], "rows": rows, "n": len(loads)}


def _measures() -> list[tuple[str, str, Any]]:
    return [
        (
            "contact_share",
            _("Share of the time in contact"),
            wording.format_percent,
        ),
        ("points_an_hour", _("Effort points an hour"), lambda value: wording.format_decimal(value, 1)),
        ("unsocial_shifts", _("Shifts at unsocial hours"), lambda value: wording.format_count(round(value))),
    ]

"""A trial's question: checked when it is asked, and turned into a task that can be lived through."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_time

from routing import engine
from routing.models import Agent, Policy, Slot, SlotBooking, Trial
from routing.what_if import history
from routing.what_if.history import Record
from routing.what_if.problems import MOST_DAYS, MOST_MORE, MOST_VARIANTS, make_refusal
from tickets.errors import Invalid

OURS = "human first"
BASELINES = (
    "round robin", "least loaded", "longest idle", "priority", "known agent", "spare capacity", "best skill",
)  # fmt: skip
WEEK = timedelta(weeks=1)
SECONDS = 240  # after which no further repetition begins
BUSY_OPENS = time(8)
BUSY_HOURS = 12
PEOPLE_A_SEAT = 1.75  # as many people as share the seats of an invented day
MOST_SEATS = 200
USUAL_MIX = {"voice": 0.45, "chat": 0.30, "mail": 0.25}


@dataclass(frozen=True)
class Scope:
    """The queues of a question, the agents who may be named in it, and its days."""

    queues: frozenset[int]
    agents: frozenset[int]
    begin: datetime
    end: datetime


def check_variants(
    variants: Sequence[Mapping[str, Any]], scope: Scope, *, least: int = 2
) -> list[dict[str, Any]]:
    """Return the variants as they are kept, the first being things as they are.

    A variant is {"kind": "version", "version"}, {"kind": "numbers", "parameters"}, {"kind": "baseline",
    "name"}, {"kind": "people", "more", "from", "until"}, {"kind": "without", "agent"} or {"kind": "slot",
    "slot"}. Raises Invalid with a sentence for anything else.
    """
    row = Policy.objects.filter(is_active=True).first()
    current = {"kind": "as_is", "version": row.version if row else 0}
    current["parameters"] = row.parameters if row else {}
    checked = [current]
    for variant in variants:
        valid = _CHECKS.get(variant.get("kind", ""), _unknown)(variant, scope)
        if valid not in checked:
            checked.append(valid)
    if len(checked) < least:
        raise make_refusal("nothing_to_compare")
    if len(checked) > MOST_VARIANTS:
        raise make_refusal("too_many_variants")
    return checked


def check_days(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """Return the days of a question. Raises Invalid if there are none, too many, or future days."""
    if first is None or last is None:
        raise make_refusal("no_days")
    if not date(2000, 1, 1) <= first <= last <= today:
        raise make_refusal("bad_days")
    if (last - first).days >= MOST_DAYS:
        raise make_refusal("too_many_days")
    return first, last


def span_days(first: date, last: date, zone: str, now: datetime) -> tuple[datetime, datetime]:
    """Return the begin and end of some days in a time zone; the end is `now` at the latest."""
    begin = datetime.combine(first, time(), tzinfo=ZoneInfo(zone))
    end = datetime.combine(last + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))
    return begin, min(end, now.astimezone(ZoneInfo(zone)))


def build_task(trial: Trial) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the task for the simulation process, and the assumptions behind it.

    Raises Invalid where the days cannot be read.
    """
    question = trial.question
    begin, end = span_days(trial.first_day, trial.last_day, question["zone"], trial.asked_at)
    record = history.load_history(trial.queues, begin, end, must_exist=trial.kind == Trial.Kind.RECORDED)
    task: dict[str, Any] = {
        "stretch": record.stretch.as_data(),
        "repetitions": question["repetitions"],
        "seconds": SECONDS,
        "told": trial.runs,
    }
    if trial.kind == Trial.Kind.BUSY:
        begin = datetime.combine(trial.first_day, BUSY_OPENS, tzinfo=ZoneInfo(question["zone"]))
        end = begin + timedelta(hours=BUSY_HOURS)
        task["stretch"]["starts_at"] = begin.timestamp()
        task["busy"] = build_busy_day(record)
    task["variants"] = [_variant(variant, question, begin, end) for variant in question["variants"]]
    return task, record.assumed | ({"busy": task["busy"]} if "busy" in task else {})


def build_busy_day(record: Record) -> dict[str, Any]:
    """Return size and habits of a busy day like the recorded ones: seats, mix of channels, handling."""
    arrivals = record.stretch.arrivals
    counts, handled = Counter(arrival.medium for arrival in arrivals), Counter[str]()
    known = Counter[str]()
    for arrival in arrivals:
        if arrival.handled:
            handled[arrival.medium] += round(arrival.handled)
            known[arrival.medium] += 1
    media = ("voice", "chat", "mail")
    mix = {m: counts[m] / len(arrivals) for m in media} if len(arrivals) >= 100 else USUAL_MIX
    work = [handled[m] / known[m] if known[m] >= 20 else record.stretch.usual[m] for m in media]
    seats = max(2, min(MOST_SEATS, round(record.assumed["members"] / PEOPLE_A_SEAT)))
    return {"seats": seats, "hours": BUSY_HOURS, "mix": [mix[m] for m in media], "work": work}


def _variant(
    variant: Mapping[str, Any], question: Mapping[str, Any], begin: datetime, end: datetime
) -> dict[str, Any]:
    """Return a variant as the simulation takes it: whatever changes the roster is routed as it is."""
    kind = variant["kind"]
    if kind == "baseline":
        return {"router": variant["name"]}
    if kind in ("as_is", "version", "numbers"):
        return {"router": OURS, "parameters": variant["parameters"]}
    change: dict[str, Any] = {}
    if kind == "people":
        change = {"more": variant["more"], "windows": _windows(variant, begin, end)}
    elif kind == "without":
        change = {"without": [variant["agent"]]}
    elif kind == "slot":
        span = [
            datetime.fromisoformat(variant[name]).timestamp() - begin.timestamp() for name in ("begin", "end")
        ]
        change = {"seats": [[variant["queue"], *span, variant["seats"]]]}
    return {"router": OURS, "parameters": question["variants"][0]["parameters"], "change": change}


def _windows(variant: Mapping[str, Any], begin: datetime, end: datetime) -> list[list[float]]:
    """Return the hours of every day, by the wall clock of the question's zone, in seconds since the begin."""
    starts, ends = time.fromisoformat(variant["from"]), time.fromisoformat(variant["until"])
    windows, day = [], begin.date()
    while day <= end.date():
        last = day + timedelta(days=1) if ends <= starts else day
        moments = [datetime.combine(*pair, tzinfo=begin.tzinfo) for pair in ((day, starts), (last, ends))]
        span = [max(begin, moments[0]), min(end, moments[1])]
        if span[0] < span[1]:
            windows.append([moment.timestamp() - begin.timestamp() for moment in span])
        day += timedelta(days=1)
    return windows


def _version(variant: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    row = Policy.objects.filter(version=variant.get("version") or 0).first()
    if row is None:
        raise make_refusal("no_version")
    return {"kind": "version", "version": row.version, "parameters": row.parameters}


def _numbers(variant: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    parameters = variant.get("parameters")
    if not isinstance(parameters, dict):
        raise make_refusal("no_numbers")
    try:
        engine.Policy.of(0, parameters)
    except ValueError as error:
        raise Invalid(str(error), code="bad_parameters") from error
    return {"kind": "numbers", "parameters": parameters}


def _baseline(variant: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    if variant.get("name") not in BASELINES:
        return _unknown(variant, scope)
    return {"kind": "baseline", "name": variant["name"]}


def _people(variant: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    more = variant.get("more")
    if not isinstance(more, int) or not 0 < abs(more) <= MOST_MORE:
        raise make_refusal("no_more")
    try:
        hours = {name: parse_time(str(variant.get(name, ""))) for name in ("from", "until")}
    except ValueError:
        hours = {"from": None, "until": None}
    if hours["from"] is None or hours["until"] is None or hours["from"] == hours["until"]:
        raise make_refusal("no_hours")
    return {"kind": "people", "more": more} | {n: f"{at:%H:%M}" for n, at in hours.items() if at}


def _without(variant: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    agent = (
        Agent.objects.select_related("user").filter(pk__in=scope.agents, pk=variant.get("agent") or 0).first()
    )
    if agent is None:
        raise make_refusal("no_person")
    return {"kind": "without", "agent": agent.pk, "name": str(agent.user)}


def _slot(variant: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    slot = Slot.objects.filter(queue__in=scope.queues, pk=variant.get("slot") or 0).first()
    taken = SlotBooking.objects.filter(slot=slot, state=SlotBooking.State.APPROVED).count() if slot else 0
    if slot is None or slot.seats <= taken:
        raise make_refusal("no_slot")
    placed = _in_these_days(slot.during.lower, slot.during.upper, scope)
    if placed is None:
        raise make_refusal("no_slot")
    checked = {"kind": "slot", "slot": slot.pk, "queue": slot.queue_id, "seats": slot.seats - taken}
    return checked | {"begin": placed[0].isoformat(), "end": placed[1].isoformat()}


def _in_these_days(starts: datetime, ends: datetime, scope: Scope) -> tuple[datetime, datetime] | None:
    """Return a slot moved by whole weeks into the days of the question."""
    zone = scope.begin.tzinfo
    weeks = math.ceil((scope.begin - ends) / WEEK + 1e-9)
    moved = (starts.astimezone(zone) + weeks * WEEK, ends.astimezone(zone) + weeks * WEEK)
    return moved if moved[0] < scope.end else None


def _unknown(variant: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    raise make_refusal("bad_variant")


_CHECKS = {
    "version": _version,
    "numbers": _numbers,
    "baseline": _baseline,
    "people": _people,
    "without": _without,
    "slot": _slot,
}

"""What if: ask how some days would have gone under other rules or another roster, and read the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from routing.models import Agent, Policy, Slot, Trial
from routing.views import page, policies
from routing.what_if import assumptions, problems, report, trials
from tickets.desk.access import Desk, for_agents
from tickets.errors import DomainError, NotAllowed, NotFound
from tickets.platform import typed_dates

SHOWN = 30
SHOWN_VERSIONS = 20
SHOWN_SLOTS = 50
REPETITIONS = (3, 5, 10, 20)
LOOK_BACK = timedelta(days=28)


@require_http_methods(["GET", "POST"])
@for_agents
def board(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the form and the trials; POST asks a question, or brings numbers from the rules (`bring`)."""
    _demand_supervisor(desk)
    if request.method == "GET":
        return _show(request, desk)
    try:
        if request.POST.get("bring"):
            return _show(request, desk, numbers=policies.typed(request))
        trial = trials.start_trial(
            _queues(request, desk),
            _day(request, "first"),
            _day(request, "last"),
            list(_variants(request)),
            by=desk.actor,
            now=desk.now,
            zone=timezone.get_current_timezone_name(),
            kind=Trial.Kind.BUSY if request.POST.get("kind") == "busy" else Trial.Kind.RECORDED,
            repetitions=page.read_number(request, "repetitions"),
            agents=_people(desk).values_list("pk", flat=True),
        )
    except DomainError as error:
        return _show(request, desk, error=error)
    return redirect("routing:trial", trial.pk)


@require_GET
@for_agents
def show(request: HttpRequest, desk: Desk, trial_id: int) -> HttpResponse:
    """Show one trial: its progress, or what it came to."""
    return render(request, "routing/trial.html", page.frame(desk, "what_if") | _told(desk, trial_id))


@require_GET
@for_agents
def progress(request: HttpRequest, desk: Desk, trial_id: int) -> HttpResponse:
    """Give the trial's part of its page, asked again and again until it has ended."""
    return render(request, "routing/trial_state.html", _told(desk, trial_id))


@require_POST
@for_agents
def stop(request: HttpRequest, desk: Desk, trial_id: int) -> HttpResponse:
    """End a trial that waits or runs."""
    trials.stop_trial(_trial(desk, trial_id), now=desk.now)
    return redirect("routing:trial", trial_id)


def _demand_supervisor(desk: Desk) -> None:
    if not desk.supervised:
        raise NotAllowed


def _trial(desk: Desk, trial_id: int) -> Trial:
    _demand_supervisor(desk)
    trial = Trial.objects.visible_to(desk.actor).select_related("asked_by").filter(pk=trial_id).first()
    if trial is None:
        raise NotFound
    return trial


def _told(desk: Desk, trial_id: int) -> dict[str, Any]:
    trial = _trial(desk, trial_id)
    variant: dict[str, Any] = {
        "trial": trial,
        "now": desk.now,
        "labels": report.label_variants(trial),
        "queues": ", ".join(str(desk.queues[pk]) for pk in trial.queues if pk in desk.queues),
        "repetitions": len(trial.runs) // max(1, len(trial.question["variants"])),
    }
    if trial.state == Trial.State.DONE:
        variant["groups"] = report.build_table(trial, variant["labels"])
        variant["verdicts"] = report.compare_variants(trial)
        variant["assumptions"] = assumptions.list_assumptions(trial)
    if trial.state == Trial.State.FAILED:
        variant["problem"] = problems.describe_problem(trial.problem)
    return variant


def _show(
    request: HttpRequest,
    desk: Desk,
    *,
    error: DomainError | None = None,
    numbers: dict[str, Any] | None = None,
) -> HttpResponse:
    today = desk.now.astimezone(timezone.get_current_timezone()).date()
    values = request.POST if error else request.GET
    trials_shown = Trial.objects.visible_to(desk.actor).select_related("asked_by")[:SHOWN]
    slots = Slot.objects.filter(queue__in=desk.supervised, during__endswith__gt=desk.now - LOOK_BACK)
    context = page.frame(desk, "what_if") | {
        "trials": [(trial, report.label_variants(trial)) for trial in trials_shown],
        "queues": [queue for pk, queue in desk.queues.items() if pk in desk.supervised],
        "chosen_queues": set(request.POST.getlist("queue")) if error else None,
        "first": values.get("first") or today - timedelta(days=7),
        "last": values.get("last") or today - timedelta(days=1),
        "today": today,
        "versions": [(f"version:{row.version}", row) for row in _versions()],
        "baselines": [(f"baseline:{name}", label) for name, label in report.label_baselines().items()],
        "people": _people(desk).select_related("user"),
        "slots": slots.select_related("queue").with_taken().order_by("-during")[:SHOWN_SLOTS],
        "numbers": json.dumps(numbers) if numbers is not None else request.POST.get("numbers", ""),
        "repetition_choices": REPETITIONS,
        "typed": values,
        "chosen": _chosen(request, error, numbers),
        "without": _number(values.get("without", "")),
        "slot": _number(values.get("slot", "")),
        "error": str(error.sentence) if error else "",
    }
    return render(request, "routing/what_if.html", context, status=error.status if error else 200)


def _chosen(request: HttpRequest, error: DomainError | None, numbers: Any) -> set[str]:
    """Return which boxes are ticked: those sent, or what a link or the rules brought."""
    if error is not None:
        return set(request.POST.getlist("compare"))
    named = {f"version:{request.GET['version']}"} if "version" in request.GET else set()
    return named | ({"numbers"} if numbers is not None else set())


def _versions() -> Any:
    return Policy.objects.filter(is_active=False).order_by("-version")[:SHOWN_VERSIONS]


def _people(desk: Desk) -> Any:
    """Return the agents of the queues that the person supervises."""
    members = Agent.objects.active().filter(
        user__memberships__queue__in=desk.supervised, user__memberships__role="agent"
    )
    return members.distinct().order_by("user__name", "pk")


def _queues(request: HttpRequest, desk: Desk) -> list[int]:
    chosen = set(request.POST.getlist("queue"))
    return [pk for pk in desk.supervised if str(pk) in chosen]


def _day(request: HttpRequest, name: str) -> Any:
    try:
        return typed_dates.read_date(request.POST.get(name, ""))
    except ValueError:
        return None


def _variants(request: HttpRequest) -> Iterable[dict[str, Any]]:
    """Give what was chosen to compare: boxes named "kind:value", and the roster's own fields."""
    for chosen in request.POST.getlist("compare"):
        kind, _colon, value = chosen.partition(":")
        yield {"kind": kind} | _VALUES.get(kind, _nothing)(request, value)
    for kind in ("without", "slot"):
        if value := request.POST.get(kind, ""):
            yield {"kind": kind} | _VALUES[kind](request, value)


def _nothing(request: HttpRequest, value: str) -> dict[str, Any]:
    return {}


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _more(request: HttpRequest, value: str) -> dict[str, Any]:
    sign = -1 if request.POST.get("direction") == "fewer" else 1
    hours = {name: request.POST.get(f"hours_{name}", "") for name in ("from", "until")}
    return {"more": sign * _number(request.POST.get("more", "").strip())} | hours


def _numbers(request: HttpRequest, value: str) -> dict[str, Any]:
    try:
        return {"parameters": json.loads(request.POST.get("numbers", ""))}
    except ValueError:
        return {"parameters": None}


def _version(request: HttpRequest, value: str) -> dict[str, Any]:
    return {"version": _number(value)}


def _baseline(request: HttpRequest, value: str) -> dict[str, Any]:
    return {"name": value}


def _without(request: HttpRequest, value: str) -> dict[str, Any]:
    return {"agent": _number(value)}


def _slot(request: HttpRequest, value: str) -> dict[str, Any]:
    return {"slot": _number(value)}


_VALUES: dict[str, Callable[[HttpRequest, str], dict[str, Any]]] = {
    "version": _version,
    "numbers": _numbers,
    "baseline": _baseline,
    "people": _more,
    "without": _without,
    "slot": _slot,
}

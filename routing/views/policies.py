"""Routing rules: versions, the dials of a new one, what it would have changed, in force, and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from routing import engine
from routing.dispatch import policies
from routing.models import Policy
from routing.views import page
from tickets.desk.access import Desk, for_agents
from tickets.errors import DomainError, Invalid, NotAllowed, NotFound

MEDIA = ("voice", "chat", "mail")
RULES = ("target_seconds", "elder_seconds", "continuity_seconds", "hold_seconds", "offer_seconds")
DIALS = (
    "urgency_seconds", "fairness_weight", "congestion_weight", "price_seconds", "relation_half_life_days",
    "elder_share", "reserve", "reserve_gone_at", "breather_seconds", "long_breather_seconds", "active_mails",
)  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_agents
def board(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the versions and the dials; POST makes a version from what was typed, or only looks (`look`)."""
    _demand_reader(desk)
    if request.method == "GET":
        return _show(request, desk)
    try:
        parameters = typed(request)
        if request.POST.get("look"):
            value = engine.Policy.of(policies.next_version(), parameters)
            return _show(
                request,
                desk,
                preview=policies.preview_policy(value),
                looked=Policy(version=0, parameters=parameters),
            )
        _demand_writer(desk)
        made = policies.create_policy(
            parameters, by=desk.actor, now=desk.now, note=request.POST.get("note", "")
        )
    except ValueError as error:
        return _show(request, desk, error=Invalid(str(error)))
    except DomainError as error:
        return _show(request, desk, error=error)
    page.say(
        request,
        _("Version %(version)s is saved. It applies once it is activated.") % {"version": made.version},
    )
    return redirect("routing:policies")


@require_POST
@for_agents
def put_in_force(request: HttpRequest, desk: Desk, version: int) -> HttpResponse:
    """Let routing decide by a version from now on."""
    _demand_writer(desk)
    policy = Policy.objects.filter(version=version).first()
    if policy is None:
        raise NotFound
    policy.put_in_force(by=desk.actor, now=desk.now)
    page.say(request, _("Version %(version)s is active.") % {"version": version})
    return redirect("routing:policies")


@require_http_methods(["GET"])
@for_agents
def look(request: HttpRequest, desk: Desk, version: int) -> HttpResponse:
    """Show what a version would have made of the last moments."""
    _demand_reader(desk)
    policy = Policy.objects.filter(version=version).first()
    if policy is None:
        raise NotFound
    return _show(request, desk, preview=policies.preview_policy(policy.as_value()), looked=policy)


@require_POST
@for_agents
def roll_back(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Put the version before in force again, by one click."""
    _demand_writer(desk)
    try:
        before = policies.roll_back(by=desk.actor, now=desk.now)
    except DomainError as error:
        return _show(request, desk, error=error)
    page.say(request, _("Back to version %(version)s.") % {"version": before.version})
    return redirect("routing:policies")


def typed(request: HttpRequest) -> dict[str, Any]:
    """Return the parameters that differ from the defaults, laid over what is in force and has no dial."""
    usual = asdict(engine.Policy(version=0))
    row = Policy.objects.filter(is_active=True).first()
    parameters: dict[str, Any] = dict(row.parameters) if row else {}
    for name in DIALS:
        _put(parameters, name, _number(request, name, usual[name]), usual[name])
    for medium in MEDIA:
        rules = dict(parameters.get(medium, {}))
        for name in RULES:
            value = _number(request, f"{medium}.{name}", usual[medium][name])
            _put(rules, name, value, usual[medium][name])
        _put(parameters, medium, rules, {})
    return parameters


def _demand_reader(desk: Desk) -> None:
    if not desk.supervised:
        raise NotAllowed


def _demand_writer(desk: Desk) -> None:
    """Rules hold for all queues: whoever changes them administers."""
    if not desk.actor.is_administrator:
        raise NotAllowed(_("Only administrators change the rules. You can try them out here."))


def _show(
    request: HttpRequest,
    desk: Desk,
    *,
    error: DomainError | None = None,
    preview: policies.Preview | None = None,
    looked: Policy | None = None,
) -> HttpResponse:
    current = Policy.in_force()
    shown = engine.Policy.of(current.version, looked.parameters) if looked is not None else current
    context = page.frame(desk, "policies") | {
        "versions": [(row, _differences(row)) for row in Policy.objects.order_by("-version")[:20]],
        "current": current,
        "before": Policy.before(),
        "media": [_medium(shown, name) for name in MEDIA],
        "rules": [(_label(rule).removesuffix(" (s)").capitalize(), _cells(shown, rule)) for rule in RULES],
        "dials": [(name, _label(name), _plain(getattr(shown, name))) for name in DIALS],
        "preview": preview,
        "looked_version": looked.version if looked and not looked.is_active else 0,
        "may_change": desk.actor.is_administrator,
        "note": request.POST.get("note", ""),
        "error": str(error.sentence) if error else "",
    }
    return render(request, "routing/policies.html", context, status=error.status if error else 200)


def _put(parameters: dict[str, Any], name: str, value: Any, usual: Any) -> None:
    """Keep a value that differs from the default; forget one that does not."""
    if value != usual:
        parameters[name] = value
    else:
        parameters.pop(name, None)


def _number(request: HttpRequest, name: str, usual: float) -> float:
    text = request.POST.get(name, "").strip().replace(",", ".")
    if not text:
        return usual
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:  # a NaN is not, either
        raise Invalid(_("“%(label)s” needs a number that is not negative.") % {"label": _label(name)})
    return int(value) if value == int(value) else value


def _medium(policy: engine.Policy, name: str) -> dict[str, Any]:
    rules = asdict(policy)[name]
    labels = {"voice": _("Calls"), "chat": _("Chats"), "mail": _("Mail and forms")}
    return {"name": labels[name], "rules": [(f"{name}.{rule}", _plain(rules[rule])) for rule in RULES]}


def _cells(policy: engine.Policy, rule: str) -> list[tuple[str, str, str]]:
    """Return one rule for each medium: the field's name, its value, and the medium."""
    values = asdict(policy)
    return [(f"{name}.{rule}", _plain(values[name][rule]), _medium(policy, name)["name"]) for name in MEDIA]


def _differences(row: Policy) -> list[str]:
    """Return what a version changes against the defaults, in words."""
    texts = []
    for name, value in sorted(row.parameters.items()):
        if isinstance(value, dict) and name in MEDIA:
            texts += [
                f"{_medium_name(name)}, {_label(part)}: {_plain(number)}" for part, number in value.items()
            ]
        else:
            texts.append(f"{_label(name)}: {_plain(value)}")
    return texts


def _medium_name(name: str) -> str:
    return {"voice": _("calls"), "chat": _("chats"), "mail": _("mail")}[name]


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _label(name: str) -> str:
    """Return what a dial is called; one without a name of its own by its technical one."""
    return {
        "target_seconds": _("should be answered within (s)"),
        "elder_seconds": _("goes first after (s)"),
        "continuity_seconds": _("value of knowing the customer (s)"),
        "hold_seconds": _("is reserved for its agent (s)"),
        "offer_seconds": _("time to accept an offer (s)"),
        "urgency_seconds": _("weight of waiting (s)"),
        "fairness_weight": _("weight of fairness"),
        "congestion_weight": _("weight of slower chats"),
        "price_seconds": _("value of an agent who could take a call (s)"),
        "relation_half_life_days": _("half-life of knowing a customer (days)"),
        "elder_share": _("one new mail in this many is the oldest"),
        "reserve": _("people kept free for calls and chats (× √ on duty)"),
        "reserve_gone_at": _("the reserve is gone at this share of the target"),
        "breather_seconds": _("wrap-up time after a conversation (s)"),
        "long_breather_seconds": _("wrap-up time of the busiest (s)"),
        "active_mails": _("mails handled at a time"),
    }.get(name.rpartition(".")[2], name)

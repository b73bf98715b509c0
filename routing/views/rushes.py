"""Surges: requests to help, helping, checking a helper's first replies; alerts for supervisors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from routing.models import Alert, QueueRules, Surge, SurgeAsk, SurgePlan
from routing.surge import alerts, surges
from routing.views import page
from routing.workforce.agents import find_agent
from tickets.desk.access import Desk, for_agents
from tickets.errors import DomainError, NotFound


@require_GET
@for_agents
def board(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show requests to help, current help and replies to check; to supervisors, alerts and queues."""
    return _show(request, desk)


@require_POST
@for_agents
def answer(request: HttpRequest, desk: Desk, ask_id: int) -> HttpResponse:
    """Accept or decline a request to help, or stop helping (`answer`: "yes", "no", "go")."""
    ask = SurgeAsk.objects.visible_to(desk.actor).select_related("agent", "surge").filter(pk=ask_id).first()
    if ask is None:
        raise NotFound
    choice = request.POST.get("answer", "")
    try:
        if choice == "go":
            surges.release_helper(ask, by=desk.actor, now=desk.now)
        else:
            surges.answer_request(ask, choice == "yes", by=desk.actor, now=desk.now)
    except DomainError as error:
        return _show(request, desk, error)
    done = {"yes": _("Thank you. The queue is open to you now."), "go": _("Thank you for your help.")}
    page.say(request, done.get(choice, _("Noted. You are not asked again for this one.")))
    return redirect("routing:rushes")


@require_POST
@for_agents
def settle(request: HttpRequest, desk: Desk, alert_id: int) -> HttpResponse:
    """Mark an alert as handled."""
    alert = Alert.objects.visible_to(desk.actor).filter(pk=alert_id).first()
    if alert is None:
        raise NotFound
    alerts.settle_alert(alert, by=desk.actor, now=desk.now)
    page.say(request, _("Marked as handled."))
    return redirect("routing:rushes")


def _show(request: HttpRequest, desk: Desk, error: DomainError | None = None) -> HttpResponse:
    mine = SurgeAsk.objects.visible_to(desk.actor).select_related("surge__queue", "buddy__user")
    me = find_agent(desk.actor, now=desk.now)
    standing = (
        Alert.objects.visible_to(desk.actor).standing().select_related("queue", "item__ticket__customer")
    )
    context = page.frame(desk, "rushes") | {
        "asked": mine.standing(desk.now),
        "helping": mine.on_duty(),
        "buddy_of": surges.load_replies_to_check(me) if me else [],
        "alerts": standing[:50],
        "surges": _surges(desk),
        "plans": SurgePlan.objects.filter(queue__in=desk.supervised).select_related("queue"),
        "lending": QueueRules.objects.filter(
            queue__in=desk.supervised, overflow_to__isnull=False
        ).select_related("queue", "overflow_to"),
        "error": str(error.sentence) if error else "",
    }
    return render(request, "routing/rushes.html", context, status=error.status if error else 200)


def _surges(desk: Desk) -> list[dict[str, object]]:
    running = Surge.objects.filter(queue__in=desk.supervised, ended_at=None).select_related("queue")
    return [
        {
            "surge": surge,
            "wait": surges.expected_wait(surge.queue_id, now=desk.now),
            "asks": surge.asks.select_related("agent__user").order_by("asked_at"),
        }
        for surge in running
    ]

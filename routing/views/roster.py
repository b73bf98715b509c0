"""The roster: who works when; absences; a person's own calendar, out and in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from routing.errors import BadCalendar
from routing.models import Agent, Leave
from routing.models.agent import AgentQuerySet
from routing.views import page
from routing.workforce import absences, ical, roster
from routing.workforce.agents import demand_agent, find_agent
from tickets.clock import database_now
from tickets.desk.access import Desk, for_agents
from tickets.errors import DomainError, NotAllowed, NotFound

FURTHEST = timedelta(days=366 * 2)


@require_GET
@for_agents
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show a week (`week` names any day of it) of one's queues, or of one of them (`queue`)."""
    return _show(request, desk)


@require_POST
@for_agents
def add_absence(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Note an absence: one's own, or as a supervisor that of somebody in one's queues (`agent`)."""
    try:
        agent = _whose(request, desk)
        starts = page.read_moment(request, "starts", timezone.get_current_timezone())
        ends = page.read_moment(request, "ends", timezone.get_current_timezone())
        note = request.POST.get("note", "").strip()
        absences.add_absence(agent, starts, ends, by=desk.actor, now=desk.now, note=note)
    except DomainError as error:
        return _show(request, desk, error=error)
    page.say(request, _("The absence is saved. No new work is assigned during it."))
    return redirect(_address(starts.date()))


@require_POST
@for_agents
def remove_absence(request: HttpRequest, desk: Desk, leave_id: int) -> HttpResponse:
    """Take an absence back, or end one that runs."""
    leave = Leave.objects.select_related("agent").filter(agent__in=_agents(desk), pk=leave_id).first()
    if leave is None:
        raise NotFound
    absences.remove_absence(leave, by=desk.actor, now=desk.now)
    page.say(request, _("The absence is cancelled."))
    return redirect("routing:roster")


@require_POST
@for_agents
def subscribe(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Make the address under which one's calendar program finds one's shifts; shown this once."""
    token = ical.create_subscription_token(demand_agent(desk.actor, now=desk.now))
    address = request.build_absolute_uri(reverse("routing:calendar", args=[token]))
    return _show(request, desk, address=address)


@require_POST
@for_agents
def bring_in(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Read shifts or absences (`as`) from a calendar file."""
    agent, file = demand_agent(desk.actor, now=desk.now), request.FILES.get("calendar")
    kind: Any = "shifts" if request.POST.get("as") == "shifts" else "leave"
    try:
        if file is None or (file.size or 0) > ical.LARGEST_FILE:
            raise BadCalendar
        done = ical.import_calendar(file.read(), agent, kind, now=desk.now)
    except DomainError as error:
        return _show(request, desk, error=error)
    words = {"n": done.taken, "rest": done.left_out}
    text = ngettext("%(n)s entry was imported.", "%(n)s entries were imported.", done.taken) % words
    if done.left_out:
        text += (
            " "
            + ngettext(
                "%(rest)s was skipped: it overlaps an existing entry.",
                "%(rest)s were skipped: they overlap existing entries.",
                done.left_out,
            )
            % words
        )
    page.say(request, text)
    return redirect("routing:roster")


@require_GET
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Give a person's shifts to their calendar program; the address itself is the key."""
    agent = ical.find_agent_by_token(token)
    if agent is None:
        raise Http404
    with translation.override(agent.user.language):
        body = ical.export_calendar(agent, now=database_now())
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="tandem.ics"'
    answer["Cache-Control"] = "private, max-age=300"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _show(
    request: HttpRequest, desk: Desk, *, error: DomainError | None = None, address: str = ""
) -> HttpResponse:
    zone = timezone.get_current_timezone()
    chosen = request.GET.get("queue", "")
    queues = [pk for pk in desk.queues if str(pk) == chosen] or list(desk.queues)
    shown = roster.load_week(queues, _monday(request, desk, zone), zone=zone, now=desk.now)
    mine = Leave.objects.filter(agent__user=desk.user, during__endswith__gt=desk.now)
    context = page.frame(desk, "roster") | {
        "roster": shown,
        "queues": desk.queues.values(),
        "chosen": chosen,
        "me": find_agent(desk.actor, now=desk.now),
        "absences": mine.order_by("during"),
        "people": _agents(desk).select_related("user") if desk.supervised else (),
        "zone": zone,
        "address": address,
        "error": str(error.sentence) if error else "",
    }
    return render(request, "routing/roster.html", context, status=error.status if error else 200)


def _monday(request: HttpRequest, desk: Desk, zone: Any) -> date:
    today = desk.now.astimezone(zone).date()
    try:
        day = parse_date(request.GET.get("week", "")) or today
    except ValueError:
        day = today
    return roster.monday_of(day if abs(day - today) < FURTHEST else today)


def _whose(request: HttpRequest, desk: Desk) -> Agent:
    chosen = request.POST.get("agent", "")
    me = demand_agent(desk.actor, now=desk.now)
    if chosen in ("", str(me.pk)):
        return me
    is_number = chosen.isascii() and chosen.isdigit() and len(chosen) < 19
    agent = _agents(desk).filter(pk=int(chosen)).first() if is_number else None
    if agent is None:
        raise NotAllowed
    return agent


def _agents(desk: Desk) -> AgentQuerySet:
    """Return whose times the person may change: their own, and those of whoever they supervise."""
    own = Agent.objects.filter(user=desk.user)
    others = Agent.objects.filter(user__memberships__queue__in=desk.supervised)
    return Agent.objects.filter(pk__in=own.values("pk").union(others.values("pk")))


def _address(day: date) -> str:
    return f"{reverse('routing:roster')}?week={day.isoformat()}"

"""The switch in the header, and the beat of an open page."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from routing.models import Agent, Presence, Shift, WorkItem
from routing.workforce import presence, while_away
from routing.workforce.agents import demand_agent, find_agent
from tickets.desk import responses
from tickets.desk.access import Desk, for_agents
from tickets.errors import Invalid

RETURNS_IN = (5, 15, 30, 60)  # minutes


@require_http_methods(["GET", "POST"])
@for_agents
def switch(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show what the person is there for, or change it (`status`, `minutes` until back, `version` seen)."""
    agent = find_agent(desk.actor, now=desk.now)
    if agent is None:
        return HttpResponse(status=204)
    if request.method == "POST":
        minutes, version = _number(request, "minutes"), _number(request, "version")
        presence.set_status(
            agent,
            request.POST.get("status", ""),
            by=desk.actor,
            now=desk.now,
            return_at=desk.now + timedelta(minutes=minutes) if minutes else None,
            version=version,
        )
        agent.presence.refresh_from_db()
    page = render(request, "routing/presence.html", _shown(agent, desk.now))
    return responses.trigger_events(page, changed={}) if request.method == "POST" else page


@require_POST
@for_agents
def heartbeat(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Hear from an open page."""
    agent = find_agent(desk.actor, now=desk.now)
    if agent is not None:
        presence.record_heartbeat(agent, now=desk.now)
    return HttpResponse(status=204)


@require_POST
@for_agents
def channels(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Choose which channels may come while available (`calls`, `chats`, `mail`: 1 for yes)."""
    agent = demand_agent(desk.actor, now=desk.now)
    presence.choose_channels(
        agent,
        calls=request.POST.get("calls") == "1",
        chats=request.POST.get("chats") == "1",
        mail=request.POST.get("mail") == "1",
        by=desk.actor,
        now=desk.now,
    )
    agent.presence.refresh_from_db()
    response = render(request, "routing/presence.html", _shown(agent, desk.now))
    return responses.trigger_events(response, changed={})


@require_POST
@for_agents
def seen(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Note that the person has read what went on while they were away."""
    agent = find_agent(desk.actor, now=desk.now)
    if agent is not None:
        while_away.mark_as_read(agent)
    return responses.trigger_events(HttpResponse(status=204), changed={})


def _shown(agent: Agent, now: datetime) -> dict[str, object]:
    held = WorkItem.objects.taken().filter(agent=agent).exclude(kind__in=WorkItem.LIVE).count()
    shift = Shift.objects.at(now).filter(agent=agent).first()
    return {
        "agent": agent,
        "presence": agent.presence,
        "statuses": [
            (Presence.Status.AVAILABLE, _("Available"), _("calls, chats and mail")),
            (Presence.Status.FOCUS, _("Focus"), _("mail only, undisturbed")),
            (Presence.Status.BREAK, _("Break"), _("you say until when")),
            (Presence.Status.AWAY, _("Away"), _("nothing new for now")),
            (Presence.Status.OFFLINE, _("Offline"), _("until you come back")),
        ],
        "returns_in": RETURNS_IN,
        "channels": [
            ("calls", _("Calls"), agent.presence.takes_calls),
            ("chats", _("Chats"), agent.presence.takes_chats),
            ("mail", _("Mail and forms"), agent.presence.takes_mail),
        ],
        "is_late": agent.presence.is_overdue(now),
        "due_in": agent.presence.due_in(now),
        "places_used": held,
        "until": shift.during.upper if shift else None,
        "now": now,
    }


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(code="not_a_number")
    return int(text)

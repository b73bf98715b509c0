"""Who has a ticket, why, and giving it to somebody else."""

from __future__ import annotations

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from routing.assigning import assignment
from routing.assigning.assignment import Why
from routing.continuity import relationships
from routing.explanation import sentences
from routing.models import Agent, Decision, HardMark, Presence, Relationship, WorkItem
from routing.models.agent import AgentQuerySet
from routing.replay import recordings
from tickets.customers import personal
from tickets.desk import responses
from tickets.desk.access import Desk, for_agents
from tickets.errors import DomainError, Invalid, NotFound
from tickets.models import Queue, Ticket


@require_GET
@for_agents
def explanation(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Say in one sentence why the ticket is with its person, or why with nobody yet."""
    ticket = desk.ticket(number)
    item, decision = _latest(ticket)
    text = ""
    if ticket.assignee_id is None and item is not None and item.state == WorkItem.State.WAITING:
        text = sentences.explain_wait(item, now=desk.now)
    elif decision is not None:
        text = sentences.explain_decision(decision, reader=desk.actor.user_id, now=desk.now)
    return render(request, "routing/why.html", {"ticket": ticket, "sentence": text, "decision": decision})


@require_GET
@for_agents
def reasons(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show every reason of the last decision, and how the ticket came to its person before."""
    ticket = desk.ticket(number)
    item, decision = _latest(ticket)
    reader = desk.actor.user_id
    chosen = request.GET.get("person", "")
    asked_for = _agent(chosen, ticket, desk) if chosen else None
    earlier = Decision.objects.filter(item__ticket=ticket).select_related(*RELATED).order_by("-pk")[:10]
    context = {
        "ticket": ticket,
        "account": sentences.explain_in_full(decision, reader=reader, now=desk.now) if decision else None,
        "waiting": sentences.explain_wait(item, now=desk.now) if item and item.state == "waiting" else "",
        "waits_as": item.get_kind_display() if item and ticket.assignee_id else "",
        "asked_for": asked_for,
        "why_not": sentences.explain_why_not(decision, asked_for, now=desk.now)
        if decision and asked_for
        else "",
        "colleagues": _others(ticket, decision),
        "replay": _replayed(request, decision),
        "is_hard": HardMark.objects.filter(ticket=ticket, agent__user=desk.user).exists(),
        "history": [
            (past.at, sentences.explain_decision(past, reader=reader, now=desk.now)) for past in earlier
        ],
        "now": desk.now,
    }
    return render(request, "routing/reasons.html", context)


@require_http_methods(["GET", "POST"])
@for_agents
def assign(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show who has the ticket; or give it: `user` is "me", a person's number, or empty to give it back."""
    ticket = desk.ticket(number, "assignee")
    if request.method == "GET":
        return render(request, "routing/assignment.html", {"ticket": ticket, "user": desk.user})
    chosen, now = request.POST.get("user", ""), desk.now
    if chosen == "me":
        assignment.assign_to_me(ticket, by=desk.actor, now=now)
    elif chosen:
        insist = request.POST.get("insist") == "1" and ticket.queue_id in desk.supervised
        assignment.assign(
            ticket, _agent(chosen, ticket, desk), by=desk.actor, now=now, why=Why(insist=insist)
        )
    else:
        assignment.release(ticket, by=desk.actor, now=now)
    return responses.render_change(request, desk, ticket)


@require_http_methods(["GET", "POST"])
@for_agents
def hand_over(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show the form for handing over; or do so: `to` is "user:3" or "queue:2", with a `summary`."""
    ticket = desk.ticket(number, "assignee")
    to, summary = request.POST.get("to", ""), request.POST.get("summary", "")[:5000]
    form = {
        "ticket": ticket,
        "people": [person for person in _people(ticket) if person["value"] != f"user:{desk.user.pk}"],
        "queues": Queue.objects.active().exclude(pk=ticket.queue_id),
        "to": to,
        "summary": summary,
    }
    if request.method == "GET":
        return render(request, "routing/handover.html", form)
    try:
        assignment.hand_over(
            ticket,
            _target(to, ticket, desk),
            by=desk.actor,
            now=desk.now,
            summary=summary,
            is_warm=request.POST.get("warm") == "1",
        )
    except DomainError as error:
        context = {**form, "error": error.sentence}
        return responses.render_refusal(request, "routing/handover.html", context, error)
    return responses.render_change(request, desk, ticket, _("Handed over."))


@require_http_methods(["GET", "POST"])
@for_agents
def keeper(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show or say who looks after the customer and who stands in (`role`, `user`; empty: nobody)."""
    ticket = desk.ticket(number)
    if request.method == "POST":
        role, chosen = request.POST.get("role", ""), request.POST.get("user", "")
        if role not in (Relationship.Role.OWNER, Relationship.Role.BACKUP):
            raise Invalid(code="unknown_role")
        agent = _agent(chosen, ticket, desk) if chosen else None
        relationships.set_customer_role(ticket.customer, agent, role, by=desk.actor, now=desk.now)
        return responses.render_change(request, desk, ticket, _("Noted."))
    keepers = (
        Relationship.objects.filter(customer=ticket.customer).exclude(role="").select_related("agent__user")
    )
    by_role = {row.role: row.agent for row in keepers}
    is_hidden = ticket.queue_id in desk.helps_in
    context = {
        "ticket": ticket,
        "customer": personal.choose_display_name(ticket.customer, is_hidden=is_hidden),
        "roles": [
            (role, label, by_role.get(role))
            for role, label in (
                (Relationship.Role.OWNER, _("Account owner")),
                (Relationship.Role.BACKUP, _("Deputy")),
            )
        ],
        "colleagues": Agent.objects.active().in_queue(ticket.queue_id).select_related("user").distinct(),
    }
    return render(request, "routing/keeper.html", context)


def _others(ticket: Ticket, decision: Decision | None) -> AgentQuerySet:
    """Return those of the queue whom the decision did not choose: of the chosen nobody asks why not."""
    agents = Agent.objects.active().in_queue(ticket.queue_id).select_related("user").distinct()
    return agents.exclude(pk=decision.agent_id) if decision and decision.agent_id else agents


def _replayed(request: HttpRequest, decision: Decision | None) -> recordings.Replay | None:
    """Play the decision again where the reader asks for it."""
    if decision is None or request.GET.get("again") != "1":
        return None
    return recordings.replay_decision(decision)


RELATED = ("item__ticket__customer", "agent__user", "by")


def _latest(ticket: Ticket) -> tuple[WorkItem | None, Decision | None]:
    """Return the item a ticket waits as, if it does, and the last decision that gave it to somebody."""
    items = WorkItem.objects.filter(ticket=ticket).exclude(kind=WorkItem.Kind.FOLLOW_UP)
    item = items.exclude(state=WorkItem.State.CLOSED).order_by("state").last()
    decisions = Decision.objects.filter(item__ticket=ticket).exclude(how=Decision.How.REFUSED)
    return item, decisions.select_related(*RELATED).order_by("pk").last()


def _people(ticket: Ticket) -> list[dict[str, object]]:
    """Return who works in the ticket's queue, those at their desks first, with the places they have free."""
    agents = (
        Agent.objects.active()
        .in_queue(ticket.queue_id)
        .exclude(user_id=ticket.assignee_id or 0)
        .select_related("user", "presence")
    )
    mails = WorkItem.objects.taken().exclude(kind__in=WorkItem.LIVE).filter(agent__in=agents)
    held = Counter(mails.values_list("agent_id", flat=True))
    shown = [
        {
            "agent": agent,
            "value": f"user:{agent.user_id}",
            "is_there": _is_there(agent),
            "places_used": held[agent.pk],
        }
        for agent in agents
    ]
    return sorted(shown, key=lambda person: (not person["is_there"], str(person["agent"])))


def _is_there(agent: Agent) -> bool:
    presence = agent.presence
    return presence.is_connected and presence.status in (Presence.Status.AVAILABLE, Presence.Status.FOCUS)


def _agent(number: str, ticket: Ticket, desk: Desk) -> Agent:
    """Return a colleague by the number of their account. Raises NotFound for anybody else."""
    near = Agent.objects.beside(desk.actor, ticket.queue_id).select_related("user")
    agent = near.filter(user_id=int(number)).first() if _is_number(number) else None
    if agent is None:
        raise NotFound
    return agent


def _target(text: str, ticket: Ticket, desk: Desk) -> Agent | Queue:
    kind, _colon, number = text.partition(":")
    if kind == "user":
        return _agent(number, ticket, desk)
    if kind == "queue" and _is_number(number):
        queue = Queue.objects.active().filter(pk=int(number)).first()
        if queue is not None:
            return queue
    raise Invalid(_("Choose a colleague or a queue."), code="no_target")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19

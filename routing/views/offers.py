"""What a person is asked to take: the offers, yes, and no with a reason."""

from __future__ import annotations

import json
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from routing.assigning import offers
from routing.explanation import sentences
from routing.models import Alert, Offer, SurgeAsk
from routing.models.offer import OfferQuerySet
from routing.workforce import while_away
from routing.workforce.agents import find_agent
from tickets.customers import personal
from tickets.desk import responses
from tickets.desk.access import Desk, for_agents
from tickets.errors import NotFound
from tickets.models import Message


@require_GET
@for_agents
def standing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show what is offered to the person now."""
    offers_now = _own(desk).standing().filter(expires_at__gt=desk.now)
    shown = [_shown(offer, desk) for offer in offers_now]
    agent = find_agent(desk.actor, now=desk.now)
    surge_asks = SurgeAsk.objects.visible_to(desk.actor).standing(desk.now).select_related("surge__queue")
    context = {
        "offers": shown,
        "reasons": Offer.Reason.choices,
        "desk": desk,
        "overdue": agent.presence if agent and agent.presence.is_overdue(desk.now) else None,
        "went_on": while_away.list_reassigned(agent) if agent else [],
        "asked": surge_asks,
        "alerts": Alert.objects.visible_to(desk.actor).standing().count() if desk.supervised else 0,
        "now": desk.now,
    }
    return render(request, "routing/offers.html", context)


@require_GET
@for_agents
def left(request: HttpRequest, desk: Desk, offer_id: int) -> HttpResponse:
    """Show how much time is left to answer; when none is, the page looks at its offers again."""
    offer = _one(desk, offer_id)
    if offer.state == Offer.State.OFFERED and offer.expires_at > desk.now:
        return render(request, "routing/left.html", _time_left(offer, desk.now))
    return responses.trigger_events(HttpResponse(), changed={})


@require_POST
@for_agents
def accept(request: HttpRequest, desk: Desk, offer_id: int) -> HttpResponse:
    """Take what is offered; the page opens the ticket."""
    ticket = offers.accept(_one(desk, offer_id), by=desk.actor, now=desk.now)
    number = {"ticket": ticket.pk}
    response = responses.trigger_events(HttpResponse(), changed=number, accepted=number)
    address = reverse("desk:ticket", args=[ticket.pk])
    response["HX-Location"] = json.dumps({"path": address, "target": "#main"})
    return response


@require_POST
@for_agents
def decline(request: HttpRequest, desk: Desk, offer_id: int) -> HttpResponse:
    """Say no, with a reason."""
    reason = request.POST.get("reason", "")
    if offers.decline(_one(desk, offer_id), reason, by=desk.actor, now=desk.now):
        toast = {
            "text": _("It is offered to somebody else. You will not be offered new work for ten minutes."),
            "level": "ok",
        }
        return responses.trigger_events(HttpResponse(), changed={}, toast=toast)
    return responses.trigger_events(HttpResponse(), changed={})


def _own(desk: Desk) -> OfferQuerySet:
    return Offer.objects.visible_to(desk.actor).select_related(
        "agent__user", "decision__agent__user", "item__ticket__customer", "item__callback"
    )


def _one(desk: Desk, offer_id: int) -> Offer:
    offer = _own(desk).filter(pk=offer_id).first()
    if offer is None:
        raise NotFound
    return offer


def _shown(offer: Offer, desk: Desk) -> dict[str, object]:
    ticket, decision = offer.item.ticket, offer.decision
    said = ticket.messages.filter(kind=Message.Kind.INBOUND, is_held=False).without_notices()
    last = said.order_by("-seq").first()
    why = ""
    if decision is not None:
        decision.item = offer.item
        why = sentences.explain_offer(decision, now=desk.now)
    return {
        "offer": offer,
        "item": offer.item,
        "customer": personal.choose_display_name(ticket.customer, is_hidden=ticket.queue_id in desk.helps_in),
        "text": last.shown_text[:300] if last else "",
        "why": why,
        **_time_left(offer, desk.now),
    }


def _time_left(offer: Offer, now: datetime) -> dict[str, object]:
    whole = max(1, round((offer.expires_at - offer.offered_at).total_seconds()))
    return {"offer": offer, "seconds": max(0, int((offer.expires_at - now).total_seconds())), "whole": whole}

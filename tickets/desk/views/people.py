"""The customer's card: add an address or a number, say who it was, keep notes; and who is reading."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tickets.customers import claims, details, identity
from tickets.delivery import complaints
from tickets.desk import answers
from tickets.desk.entrance import Desk, for_agents
from tickets.desk.live import presence
from tickets.desk.writing import reachable
from tickets.errors import NotFound
from tickets.models import Customer


@require_POST
@for_agents
def add_identity(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Note another mail address or phone number of the ticket's customer."""
    ticket = desk.ticket(number)
    kind, value = reachable.read(request.POST.get("value", ""))
    claims.add_claim(ticket, kind, value, by=desk.actor, now=desk.now)
    return answers.done(request, desk, ticket, _("Contact details added."))


@require_POST
@for_agents
def allow_mail(request: HttpRequest, desk: Desk, number: int, identity_id: int) -> HttpResponse:
    """Let automatic mail go again to an address whose owner had called ours spam."""
    ticket = desk.ticket(number)
    complaints.allow_automatic_mail(ticket, identity_id, by=desk.actor, now=desk.now)
    return answers.done(request, desk, ticket, _("Automatic mail to this address is on again."))


@require_POST
@for_agents
def say_who(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Say which of several customers a ticket is from."""
    ticket = desk.ticket(number)
    chosen = request.POST.get("customer", "")
    people = Customer.objects.visible_to(desk.actor).filter(erased_at=None)
    is_number = chosen.isascii() and chosen.isdigit() and len(chosen) < 19
    customer = people.filter(pk=int(chosen)).first() if is_number else None
    if customer is None:
        raise NotFound
    identity.change_customer(ticket, identity.follow_merges(customer), by=desk.actor, now=desk.now)
    return answers.done(request, desk, ticket)


@require_POST
@for_agents
def set_notes(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Keep what colleagues should know of the ticket's customer."""
    ticket = desk.ticket(number)
    notes = request.POST.get("notes", "")[:10_000]
    details.save_details(ticket.customer, ticket.queue, {"notes": notes}, by=desk.actor, now=desk.now)
    return answers.done(request, desk, ticket)


@require_POST
@for_agents
def readers(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Note that this page shows the ticket (or shows it no more); answer with who else does."""
    ticket = desk.ticket(number)
    if request.POST.get("left"):
        presence.leave(ticket, desk)
        return HttpResponse(status=204)
    seen = request.POST.get("seen", "")
    seen_seq = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    presence.beat(ticket, desk, seen_seq=seen_seq, is_writing=request.POST.get("writing") == "1")
    return render(request, "desk/readers.html", {"colleagues": presence.colleagues(ticket, desk)})

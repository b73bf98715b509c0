"""The customer card's forms: add contact details, choose the customer, save notes; and the readers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tickets.customers import claims, details, identity
from tickets.delivery import complaints
from tickets.desk import responses
from tickets.desk.access import Desk, for_agents
from tickets.desk.live import presence
from tickets.desk.writing import contact_details
from tickets.errors import NotFound
from tickets.models import Customer


@require_POST
@for_agents
def add_identity(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Add a mail address or phone number to the ticket's customer, as not verified."""
    ticket = desk.ticket(number)
    kind, value = contact_details.parse_contact_detail(request.POST.get("value", ""))
    claims.add_claim(ticket, kind, value, by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket, _("Contact details added."))


@require_POST
@for_agents
def allow_mail(request: HttpRequest, desk: Desk, number: int, identity_id: int) -> HttpResponse:
    """Allow automatic mail again to an address whose owner had marked our mail as spam."""
    ticket = desk.ticket(number)
    complaints.allow_automatic_mail(ticket, identity_id, by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket, _("Automatic mail to this address is on again."))


@require_POST
@for_agents
def set_customer(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Set the customer of a ticket to the one the agent chose."""
    ticket = desk.ticket(number)
    customer_id = request.POST.get("customer", "")
    customers = Customer.objects.visible_to(desk.actor).filter(erased_at=None)
    is_number = customer_id.isascii() and customer_id.isdigit() and len(customer_id) < 19
    customer = customers.filter(pk=int(customer_id)).first() if is_number else None
    if customer is None:
        raise NotFound
    identity.change_customer(ticket, identity.follow_merges(customer), by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket)


@require_POST
@for_agents
def set_notes(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Save the queue's notes about the ticket's customer."""
    ticket = desk.ticket(number)
    notes = request.POST.get("notes", "")[:10_000]
    details.save_details(ticket.customer, ticket.queue, {"notes": notes}, by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket)


@require_POST
@for_agents
def readers(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Record that this person reads the ticket, or has left it; show who else reads it."""
    ticket = desk.ticket(number)
    if request.POST.get("left"):
        presence.remove_reader(ticket, desk)
        return HttpResponse(status=204)
    seen = request.POST.get("seen", "")
    seen_seq = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    presence.record_reader(ticket, desk, seen_seq=seen_seq, is_writing=request.POST.get("writing") == "1")
    return render(request, "desk/readers.html", {"colleagues": presence.load_colleagues(ticket, desk)})

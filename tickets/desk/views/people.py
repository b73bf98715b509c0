"""The customer card's forms: add contact details, choose the customer, save notes; and the readers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tickets.customers import claims, correction, details, identity
from tickets.customers.correction import Reason
from tickets.delivery import complaints
from tickets.desk import responses
from tickets.desk.access import Desk, for_agents
from tickets.desk.live import presence
from tickets.desk.writing import contact_details, correcting
from tickets.desk.writing.correcting import ChangeCustomer


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
    customer = identity.follow_merges(
        correcting.find_visible_customer(request.POST.get("customer", ""), desk)
    )
    correction.set_customer(ticket, customer, by=desk.actor, now=desk.now, reason=Reason.ASKED)
    return responses.render_change(request, desk, ticket)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def change_customer(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show who the ticket's customer could be instead, or say who it is."""
    ticket = desk.ticket(number)
    form = ChangeCustomer(desk, ticket, request.POST if request.method == "POST" else None)
    context = {"ticket": ticket, "desk": desk, "form": form}
    if request.method != "POST":
        return render(request, "desk/change_customer.html", context)
    if not form.is_valid():
        response = render(request, "desk/change_customer.html", context, status=400)
        response["X-Desk-Swap"] = "1"
        return response
    if not correcting.change_customer(form):
        return responses.render_change(request, desk, ticket)
    return responses.render_change(request, desk, ticket, _("Customer changed. The next reply goes to them."))


@require_POST
@for_agents
def undo_customer(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Take back the latest change of the ticket's customer."""
    ticket = desk.ticket(number)
    correction.undo_change(ticket, by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket, _("The customer is the earlier one again."))


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

"""Create a ticket for a customer: write to them, or add a note of what they said."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tickets.conversation import replies
from tickets.desk import responses
from tickets.desk.access import Desk, for_agents
from tickets.desk.views import home
from tickets.desk.writing import new_ticket
from tickets.desk.writing.new_ticket import NewTicket
from tickets.errors import DomainError


@require_http_methods(["GET", "POST"])
@for_agents
def create_ticket(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the form, or create the ticket and open it."""
    if request.method == "GET":
        start = {"customer": request.GET.get("customer", "")}
        return _show(request, desk, NewTicket(desk, initial=start))
    form = NewTicket(desk, request.POST)
    if not form.is_valid():
        return _show(request, desk, form)
    try:
        with transaction.atomic():
            customer = new_ticket.find_or_create_customer(form, now=desk.now)
            ticket = replies.start_conversation(
                form.cleaned_data["queue"],
                customer,
                subject=form.cleaned_data["subject"],
                text=form.cleaned_data["text"],
                by=desk.actor,
                now=desk.now,
                channel=form.cleaned_data["channel"],
                send=form.cleaned_data["how"] == NewTicket.SEND,
            )
    except DomainError as error:
        form.add_error(None, str(error.sentence))
        return _show(request, desk, form)
    if getattr(request, "htmx", False):
        return responses.trigger_events(HttpResponse(status=204), opened={"number": ticket.number})
    return redirect("desk:ticket", ticket.number)


def _show(request: HttpRequest, desk: Desk, form: NewTicket) -> HttpResponse:
    context: dict[str, Any] = {"desk": desk, "now": desk.now, "form": form, "chosen": form.chosen}
    status = 400 if form.is_bound else 200
    if getattr(request, "htmx", False):
        response = render(request, "desk/new.html", context, status=status)
        response["X-Desk-Swap"] = "1"
        return response
    page_context = home.build_page_context(request, desk)
    return render(request, "desk/new_page.html", {**page_context, **context}, status=status)

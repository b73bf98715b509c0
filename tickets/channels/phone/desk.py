"""The agents' pages of the phone: a form to log a call, and the log of all calls."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tickets import wording
from tickets.channels.phone import readings
from tickets.channels.phone.forms import CallForm
from tickets.channels.phone.payloads import typed
from tickets.customers import personal, phone_numbers
from tickets.desk import responses
from tickets.desk.access import Desk, for_agents
from tickets.errors import DomainError, NotFound
from tickets.intake import receive
from tickets.models import Call, Customer, Identity, Ticket
from tickets.platform.text import parse_row_id

PAGE = 50
RESULTS = (Call.Result.MISSED, Call.Result.VOICEMAIL, Call.Result.ANSWERED, Call.Result.RINGING)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the form, filled in by ?ticket=, ?customer= or ?number=, or log the call."""
    ticket, customer = _about(request, desk)
    form = CallForm(
        desk, request.POST if request.method == "POST" else None, ticket=ticket, customer=customer
    )
    if form.channel is None:
        return render(request, "tickets/phone/no_phone.html", status=409)
    if request.method != "POST":
        form.fields["number"].initial = request.GET.get("number") or form.fields["number"].initial
        return _show(request, form)
    if not form.is_valid():
        return _show(request, form, status=400)
    try:
        noted = _note(form, desk)
    except DomainError as error:
        form.add_error(None, str(error.sentence))
        return _show(request, form, status=error.status)
    address = reverse("desk:ticket", args=[noted.pk]) if noted else reverse("phone:calls")
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


@require_POST
@for_agents
def choose_number(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Say from which number the calls of a ticket came, where the digits could be several."""
    ticket = desk.ticket(number)
    readings.choose_number(ticket, request.POST.get("number", "")[:20], by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket)


@require_safe
@for_agents
def log(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the calls this person may see, newest first, only those with `?result=` if given."""
    chosen = request.GET.get("result", "")
    calls = Call.objects.visible_to(desk.actor).select_related("customer", "agent", "ticket", "channel")
    known = Prefetch("customer__identities", Identity.objects.visible_to(desk.actor))
    calls = calls.prefetch_related(known).order_by("-started_at", "-id")
    if chosen in RESULTS:
        calls = calls.filter(result=chosen)
    page = Paginator(calls, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _rows(list(page.object_list), desk),
        "chosen": chosen if chosen in RESULTS else "",
        "choices": [(value, label) for value, label in Call.Result.choices if value in RESULTS],
    }
    return render(request, "tickets/phone/log.html", context)


def _about(request: HttpRequest, desk: Desk) -> tuple[Ticket | None, Customer | None]:
    """Return the ticket or customer that the form was opened from. Raises NotFound if not visible."""
    given = request.POST if request.method == "POST" else request.GET
    ticket, customer = given.get("ticket", ""), given.get("customer", "")
    if ticket:
        return desk.ticket(_whole(ticket), "assignee"), None
    if customer:
        people = Customer.objects.visible_to(desk.actor).filter(erased_at=None)
        found = people.filter(pk=_whole(customer)).first()
        if found is None:
            raise NotFound
        return None, found
    return None, None


def _note(form: CallForm, desk: Desk) -> Ticket | None:
    """Pass the call to intake; return its ticket, if this person may see it.

    A number that is new for the customer becomes a claim on the ticket.
    """
    report = form.report()
    if form.channel is None:
        raise NotFound
    outcome = receive.receive(
        form.channel,
        typed.document(report),
        source_key=report.call_id,
        now=desk.now,
        envelope={"format": typed.FORMAT},
    )
    ticket = outcome.ticket
    return ticket if ticket and desk.tickets.filter(pk=ticket.pk).exists() else None


def _show(request: HttpRequest, form: CallForm, *, status: int = 200) -> HttpResponse:
    template = (
        "tickets/phone/call.html" if getattr(request, "htmx", False) else "tickets/phone/call_page.html"
    )
    response = render(request, template, {"form": form}, status=status)
    if status != 200:
        response["X-Desk-Swap"] = "1"
    return response


def _rows(calls: list[Call], desk: Desk) -> list[dict[str, Any]]:
    tickets = [call.ticket_id for call in calls if call.ticket_id]
    visible = set(desk.tickets.filter(pk__in=tickets).values_list("pk", flat=True))
    return [_row(call, desk, opens=call.ticket_id in visible) for call in calls]


def _row(call: Call, desk: Desk, *, opens: bool) -> dict[str, Any]:
    is_hidden = call.channel.queue_id in desk.helps_in
    return {
        "call": call,
        "when": wording.format_moment(call.started_at, now=desk.now),
        "what": call.in_words(),
        "who": personal.choose_display_name(call.customer, is_hidden=is_hidden) if call.customer else "",
        "number": personal.mask_if_hidden(
            phone_numbers.format_number(call.customer_number), is_hidden=is_hidden
        ),
        "tone": "warn" if call.result in ("missed", "voicemail") and not call.is_ours else "",
        "opens": opens,
    }


def _whole(given: str) -> int:
    """Return a primary key from a text. Raises NotFound if it is not a number."""
    row_id = parse_row_id(given)
    if row_id is None:
        raise NotFound
    return row_id

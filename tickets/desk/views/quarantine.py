"""What needs attention: received items that could not be read, and sent ones that were not delivered."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tickets.channels.registry import care_links
from tickets.delivery import outbox
from tickets.desk import received_items, responses
from tickets.desk.access import Desk, for_agents
from tickets.desk.live import navigation
from tickets.desk.received_items import ManualTicketForm
from tickets.desk.views import home
from tickets.errors import DomainError, NotAllowed, NotFound
from tickets.intake import ledger
from tickets.models import Inbound, Outbound

SHOWN = 100


@require_GET
@for_agents
def show_quarantine(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show received items with the reason why they were set aside, and undelivered messages."""
    _require_supervisor(desk)
    received = Inbound.objects.visible_to(desk.actor).needing_attention().select_related("channel__queue")
    sent = navigation.find_undelivered(desk).select_related("ticket", "channel")
    context = {
        "desk": desk,
        "now": desk.now,
        "received": received_items.load_guesses(received[:SHOWN]),
        "sent": sent[:SHOWN],
        "care_links": care_links(),
    }
    if getattr(request, "htmx", False):
        return render(request, "desk/quarantine.html", context)
    return render(request, "desk/quarantine_page.html", {**home.build_page_context(request, desk), **context})


@require_GET
@for_agents
def download_raw(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Send the received bytes unchanged, as a text file."""
    row = _load_received(desk, inbound_id)
    response = HttpResponse(bytes(row.raw.data), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="received-{row.pk}.txt"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@for_agents
def retry(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Process the received item again."""
    ledger.retry(_load_received(desk, inbound_id), by=desk.actor, now=desk.now)
    return _remove_row(_("It is being processed again."))


@require_POST
@for_agents
def dismiss(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Dismiss the received item: nothing needs to be done."""
    ledger.dismiss(_load_received(desk, inbound_id), by=desk.actor, now=desk.now)
    return _remove_row(_("Dismissed. It stays in the ledger."))


@for_agents
def create_ticket(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Show the form that creates a ticket from the received item, or create the ticket."""
    row = _load_received(desk, inbound_id)
    if request.method != "POST":
        guess = received_items.guess_sender(row, bytes(row.raw.data))
        initial = {"sender": guess.sender, "name": guess.name, "subject": guess.subject}
        form = ManualTicketForm(initial=initial)
        return render(request, "desk/manual_ticket.html", {"row": row, "form": form})
    form = ManualTicketForm(request.POST)
    if form.is_valid():
        try:
            ticket = received_items.create_ticket(row, form.cleaned_data, by=desk.actor, now=desk.now)
        except DomainError as error:
            form.add_error(None, str(error.sentence))
        else:
            return responses.trigger_events(HttpResponse(status=204), opened={"number": ticket.number})
    response = render(request, "desk/manual_ticket.html", {"row": row, "form": form}, status=400)
    response["X-Desk-Swap"] = "1"
    return response


@require_POST
@for_agents
def send_again(request: HttpRequest, desk: Desk, outbound_id: int) -> HttpResponse:
    """Send an undelivered message again; any agent who sees its ticket may do so."""
    row = _load_undelivered(desk, outbound_id)
    outbox.retry(row, by=desk.actor, now=desk.now)
    return _remove_row(_("It is being sent again."), ticket=row.ticket_id)


@require_POST
@for_agents
def set_aside(request: HttpRequest, desk: Desk, outbound_id: int) -> HttpResponse:
    """Dismiss an undelivered message: it need not be sent any more."""
    row = _load_undelivered(desk, outbound_id)
    outbox.dismiss(row, by=desk.actor, now=desk.now)
    return _remove_row(_("Dismissed."), ticket=row.ticket_id)


def _remove_row(text: str, ticket: int | None = None) -> HttpResponse:
    """Respond with an empty fragment, which removes the row, and make the page reload what else shows it."""
    response = HttpResponse(status=200)
    return responses.trigger_events(response, changed={"ticket": ticket}, toast={"text": text, "level": "ok"})


def _require_supervisor(desk: Desk) -> None:
    if not desk.supervised:
        raise NotAllowed


def _load_received(desk: Desk, inbound_id: int) -> Inbound:
    rows = Inbound.objects.visible_to(desk.actor).filter(pk=inbound_id)
    row = rows.select_related("channel__queue", "raw").first()
    if row is None:
        raise NotFound
    return row


def _load_undelivered(desk: Desk, outbound_id: int) -> Outbound:
    row = navigation.find_undelivered(desk).filter(pk=outbound_id).select_related("ticket").first()
    if row is None:
        raise NotFound
    outbound: Outbound = row
    return outbound

"""What needs a supervisor: received things nobody could read, and outgoing ones that did not arrive."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tickets.channels.registry import care_links
from tickets.delivery import outbox
from tickets.desk import answers, setaside
from tickets.desk.entrance import Desk, for_agents
from tickets.desk.live import navigation
from tickets.desk.setaside import ByHand
from tickets.desk.views import home
from tickets.errors import DomainError, NotAllowed, NotFound
from tickets.intake import ledger
from tickets.models import Inbound, Outbound

SHOWN = 100


@require_GET
@for_agents
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show what was set aside, with the reason, and what could not be delivered."""
    _refuse_others(desk)
    received = Inbound.objects.visible_to(desk.actor).needing_attention().select_related("channel__queue")
    sent = navigation.failed_outgoing(desk).select_related("ticket", "channel")
    context = {
        "desk": desk,
        "now": desk.now,
        "received": setaside.with_guesses(received[:SHOWN]),
        "sent": sent[:SHOWN],
        "care_links": care_links(),
    }
    if getattr(request, "htmx", False):
        return render(request, "desk/quarantine.html", context)
    return render(request, "desk/quarantine_page.html", {**home.around(request, desk), **context})


@require_GET
@for_agents
def raw(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Send the raw thing exactly as it came, as a text file."""
    row = _row(desk, inbound_id)
    response = HttpResponse(bytes(row.raw.data), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="received-{row.pk}.txt"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@for_agents
def retry(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Read the thing again."""
    ledger.retry(_row(desk, inbound_id), by=desk.actor, now=desk.now)
    return _gone(_("It is being processed again."))


@require_POST
@for_agents
def dismiss(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Say that nothing needs to be done."""
    ledger.dismiss(_row(desk, inbound_id), by=desk.actor, now=desk.now)
    return _gone(_("Dismissed. It stays in the ledger."))


@for_agents
def by_hand(request: HttpRequest, desk: Desk, inbound_id: int) -> HttpResponse:
    """Show the small form that makes a ticket of the thing, or make it."""
    row = _row(desk, inbound_id)
    if request.method != "POST":
        guess = setaside.guess(row, bytes(row.raw.data))
        form = ByHand(initial={"sender": guess.sender, "name": guess.name, "subject": guess.subject})
        return render(request, "desk/by_hand.html", {"row": row, "form": form})
    form = ByHand(request.POST)
    if form.is_valid():
        try:
            ticket = setaside.make_ticket(row, form.cleaned_data, by=desk.actor, now=desk.now)
        except DomainError as error:
            form.add_error(None, str(error.sentence))
        else:
            return answers.tell(HttpResponse(status=204), opened={"number": ticket.number})
    response = render(request, "desk/by_hand.html", {"row": row, "form": form}, status=400)
    response["X-Desk-Swap"] = "1"
    return response


@require_POST
@for_agents
def send_again(request: HttpRequest, desk: Desk, outbound_id: int) -> HttpResponse:
    """Send again what had failed; the agent of the ticket may do so too."""
    row = _outgoing(desk, outbound_id)
    outbox.retry(row, by=desk.actor, now=desk.now)
    return _gone(_("It is being sent again."), ticket=row.ticket_id)


@require_POST
@for_agents
def set_aside(request: HttpRequest, desk: Desk, outbound_id: int) -> HttpResponse:
    """Say that what failed need not be sent any more."""
    row = _outgoing(desk, outbound_id)
    outbox.dismiss(row, by=desk.actor, now=desk.now)
    return _gone(_("Dismissed."), ticket=row.ticket_id)


def _gone(text: str, ticket: int | None = None) -> HttpResponse:
    """Answer with nothing in the row's place, and refetch what else shows it."""
    response = HttpResponse(status=200)
    return answers.tell(response, changed={"ticket": ticket}, toast={"text": text, "level": "ok"})


def _refuse_others(desk: Desk) -> None:
    if not desk.supervised:
        raise NotAllowed


def _row(desk: Desk, inbound_id: int) -> Inbound:
    rows = Inbound.objects.visible_to(desk.actor).filter(pk=inbound_id)
    row = rows.select_related("channel__queue", "raw").first()
    if row is None:
        raise NotFound
    return row


def _outgoing(desk: Desk, outbound_id: int) -> Outbound:
    row = navigation.failed_outgoing(desk).filter(pk=outbound_id).select_related("ticket").first()
    if row is None:
        raise NotFound
    found: Outbound = row
    return found

"""Add people in copy to a ticket, choose the sender of a forwarded mail, follow a ticket."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tickets.desk import responses
from tickets.desk.access import Desk, for_agents
from tickets.desk.page.ticket import TicketPage
from tickets.desk.writing import composer
from tickets.errors import Invalid, NotFound
from tickets.intake import copies, forwarded
from tickets.models import Message, Ticket


@require_GET
@for_agents
def recipients(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Refresh the recipients of the reply, without touching the text being written."""
    ticket = desk.ticket(number, "channel")
    reply_form = composer.build_composer(TicketPage(ticket, desk, has_drafts=False))
    if not reply_form.adapter.needs_address:
        return HttpResponse(status=204)
    return render(request, "desk/recipients.html", {"ticket": ticket, "composer": reply_form})


@require_POST
@for_agents
def decide_copies(request: HttpRequest, desk: Desk, number: int, seq: int) -> HttpResponse:
    """Add one person in copy of a message, or all of them, to the ticket; or remove one."""
    ticket = desk.ticket(number)
    people = copies.read_copied_people(_message(ticket, seq, desk).facts)
    if request.POST.get("copy") != "all":
        index = _number(request, "copy")
        people = people[index : index + 1]
    if not people:
        raise NotFound
    if request.POST.get("answer") == "leave_out":
        addresses = [one.address for one in people]
        parts = ticket.participants.filter(identity__kind="email", identity__value__in=addresses)
        for part in parts.select_related("ticket"):
            copies.remove_copied_person(part, by=desk.actor, now=desk.now)
        return responses.render_change(request, desk, ticket)
    copies.add_copied_people(ticket, people, by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket, _("Our answers also go to people in copy now."))


@require_POST
@for_agents
def say_sender(request: HttpRequest, desk: Desk, number: int, seq: int) -> HttpResponse:
    """Answer who sent a forwarded mail: one of the choices, or the colleague (`choice` "none")."""
    ticket = desk.ticket(number)
    message = _message(ticket, seq, desk)
    if request.POST.get("choice") == "none":
        forwarded.dismiss_sender_question(ticket, message.seq, now=desk.now)
    else:
        choice = _number(request, "choice")
        forwarded.choose_original_sender(ticket, message.seq, choice, by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket)


@require_POST
@for_agents
def follow(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Follow a ticket, or stop following it."""
    ticket = desk.ticket(number)
    if request.POST.get("follow") == "yes":
        forwarded.follow(ticket, desk.user, now=desk.now)
    else:
        forwarded.unfollow(ticket, desk.user)
    return responses.render_change(request, desk, ticket)


def _message(ticket: Ticket, seq: int, desk: Desk) -> Message:
    message = Message.objects.visible_to(desk.actor).filter(ticket=ticket, seq=seq).first()
    if message is None:
        raise NotFound
    return message


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise Invalid(code=name)
    return int(text)

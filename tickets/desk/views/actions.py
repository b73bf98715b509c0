"""Change a ticket: its state, subject, queue, priority, contact reason, tags, spam mark and participants."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tickets.conversation import tags
from tickets.desk import responses
from tickets.desk.access import Desk, for_agents
from tickets.errors import Invalid, NotFound
from tickets.intake import pending_participants
from tickets.models import Motive, Participant, Tag, Ticket
from tickets.promises import answered
from tickets.states import State, is_transition_allowed


@require_GET
@for_agents
def show_details(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show a dialog with everything about a ticket that can be changed."""
    ticket = desk.ticket(number, "motive", "channel")
    context = {
        "ticket": ticket,
        "desk": desk,
        "states": [
            (value, label) for value, label in State.choices if is_transition_allowed(ticket.state, value)
        ],
        "priorities": Ticket.Priority.choices,
        "motives": _load_motives(),
        "tags": list(ticket.tags.all()),
        "known_tags": Tag.objects.all()[:200],
    }
    return render(request, "desk/details.html", context)


@require_POST
@for_agents
def set_state(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Change the ticket's state without replying to the customer."""
    ticket = desk.ticket(number)
    to = request.POST.get("state", "")
    if to == State.CLOSED:
        ticket.close(by=desk.actor, now=desk.now)
    else:
        answered.apply_next_state(ticket, to, by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket)


@require_POST
@for_agents
def set_subject(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Change the ticket's subject."""
    ticket = desk.ticket(number)
    subject = request.POST.get("subject", "").replace("\x00", "").strip()
    if not subject:
        raise Invalid(_("A ticket needs a subject: a few words that say what it is about."), code="empty")
    ticket.rename(subject, by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket)


@require_POST
@for_agents
def set_queue(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Move the ticket to another of the agent's queues, where routing assigns it again."""
    ticket = desk.ticket(number)
    queue = desk.queue(_read_number(request, "queue"))
    if ticket.move_to(queue, by=desk.actor, now=desk.now):
        return responses.render_change(request, desk, ticket, _("Moved to %(queue)s.") % {"queue": queue})
    return responses.render_change(request, desk, ticket)


@require_POST
@for_agents
def set_priority(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Change the ticket's priority."""
    ticket = desk.ticket(number)
    priority = _read_number(request, "priority")
    if priority not in Ticket.Priority.values:
        raise Invalid(code="priority")
    ticket.set_priority(priority, by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket)


@require_POST
@for_agents
def set_motive(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Change the ticket's contact reason."""
    ticket = desk.ticket(number)
    motive = None
    if request.POST.get("motive"):
        motive = Motive.objects.filter(pk=_read_number(request, "motive"), is_active=True).first()
        if motive is None:
            raise NotFound
    ticket.set_motive(motive, by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket)


@require_POST
@for_agents
def set_tags(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Replace the ticket's tags by those typed, separated by commas."""
    ticket = desk.ticket(number)
    words = request.POST.get("tags", "").replace("\x00", "").split(",")
    tags.set_tags(ticket, words, by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket)


@require_POST
@for_agents
def set_spam(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Mark the ticket as spam, or as not spam."""
    ticket = desk.ticket(number)
    if request.POST.get("spam") == "yes":
        ticket.mark_spam(by=desk.actor, now=desk.now)
        return responses.render_change(
            request, desk, ticket, _("Marked as spam. It is now in the spam list.")
        )
    ticket.unmark_spam(by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket, _("Marked as not spam. It is back in the list."))


@require_POST
@for_agents
def decide_participant(request: HttpRequest, desk: Desk, number: int, participant_id: int) -> HttpResponse:
    """Accept a pending participant of the ticket, or refuse them."""
    ticket = desk.ticket(number)
    pending = ticket.participants.filter(pk=participant_id, state=Participant.State.PENDING)
    participant = pending.select_related("ticket").first()
    if participant is None:
        raise NotFound
    if request.POST.get("answer") == "accept":
        pending_participants.accept(participant, by=desk.actor, now=desk.now)
    else:
        pending_participants.refuse(participant, by=desk.actor, now=desk.now)
    return responses.render_change(request, desk, ticket)


def _load_motives() -> list[tuple[int, str]]:
    """Return the active contact reasons as (id, "Group › Name"), sorted by name."""
    rows = Motive.objects.filter(is_active=True).select_related("parent")
    named = [(m.pk, f"{m.parent.label()} › {m.label()}" if m.parent else m.label()) for m in rows]
    return sorted(named, key=lambda pair: pair[1].casefold())


def _read_number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(code=name)
    return int(text)

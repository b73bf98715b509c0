"""Slots: what is wanted, asking for one, taking it back; for supervisors posting and answering."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from routing.models import Slot, SlotBooking
from routing.views import page
from routing.workforce import slots
from routing.workforce.agents import demand_agent
from tickets.desk.access import Desk, for_agents
from tickets.errors import DomainError, NotFound

SHOWN = 100


@require_http_methods(["GET", "POST"])
@for_agents
def board(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show coming slots; POST posts one (`queue`, `starts`, `ends`, `seats`, `note`)."""
    if request.method == "GET":
        return _show(request, desk)
    try:
        queue = desk.queue(page.read_number(request, "queue"))
        page.demand_supervisor(desk, queue.pk)
        zone = timezone.get_current_timezone()
        slots.post_slot(
            queue,
            page.read_moment(request, "starts", zone),
            page.read_moment(request, "ends", zone),
            seats=page.read_number(request, "seats"),
            note=request.POST.get("note", ""),
            by=desk.actor,
            now=desk.now,
        )
    except DomainError as error:
        return _show(request, desk, error)
    page.say(request, _("The slot is published."))
    return redirect("routing:slots")


@require_POST
@for_agents
def ask(request: HttpRequest, desk: Desk, slot_id: int) -> HttpResponse:
    """Ask to work a slot."""
    slot = Slot.objects.visible_to(desk.actor).select_related("queue").filter(pk=slot_id).first()
    if slot is None:
        raise NotFound
    try:
        slots.request_slot(slot, demand_agent(desk.actor, now=desk.now), by=desk.actor, now=desk.now)
    except DomainError as error:
        return _show(request, desk, error)
    page.say(request, _("Requested. A supervisor will answer here and by email."))
    return redirect("routing:slots")


@require_POST
@for_agents
def answer(request: HttpRequest, desk: Desk, booking_id: int) -> HttpResponse:
    """Answer a wish as a supervisor (`answer` is "yes" or "no"), or take one's own back ("back")."""
    booking = _booking(desk, booking_id)
    choice = request.POST.get("answer", "")
    try:
        if choice == "back":
            if booking.agent.user_id != desk.actor.user_id:
                page.demand_supervisor(desk, booking.slot.queue_id)
            slots.withdraw_booking(booking, by=desk.actor, now=desk.now)
        else:
            page.demand_supervisor(desk, booking.slot.queue_id)
            verb = slots.approve_booking if choice == "yes" else slots.refuse_booking
            verb(booking, by=desk.actor, now=desk.now)
    except DomainError as error:
        return _show(request, desk, error)
    done = {"yes": _("Approved. It is now a shift."), "back": _("Cancelled. The seat is free again.")}
    page.say(request, done.get(choice, _("Answered. They are notified by email.")))
    return redirect("routing:slots")


def _booking(desk: Desk, booking_id: int) -> SlotBooking:
    rows = SlotBooking.objects.visible_to(desk.actor).select_related("agent__user", "slot__queue")
    booking = rows.filter(pk=booking_id).first()
    if booking is None:
        raise NotFound
    return booking


def _show(request: HttpRequest, desk: Desk, error: DomainError | None = None) -> HttpResponse:
    coming = Slot.objects.visible_to(desk.actor).coming(desk.now).select_related("queue").with_taken()
    standing = SlotBooking.objects.filter(state__in=("asked", "approved"))
    own = {b.slot_id: b for b in standing.filter(agent__user=desk.user)}
    wishes = standing.filter(
        state="asked", slot__queue__in=desk.supervised, slot__during__endswith__gt=desk.now
    )
    context = page.frame(desk, "slots") | {
        "slots": [(slot, own.get(slot.pk)) for slot in coming[:SHOWN]],
        "wishes": wishes.select_related("agent__user", "slot__queue").order_by("slot__during", "asked_at"),
        "queues": [queue for pk, queue in desk.queues.items() if pk in desk.supervised],
        "typed": request.POST if error else {},
        "error": str(error.sentence) if error else "",
        "zone": timezone.get_current_timezone(),
    }
    return render(request, "routing/slots.html", context, status=error.status if error else 200)

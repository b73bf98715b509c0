"""Slots: posted by supervisors, asked for by people who work at home, and answered; a yes is a shift."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse
from django.utils.translation import gettext as _

from routing.errors import NotBookable
from routing.models import Agent, Leave, Shift, Slot, SlotBooking
from routing.workforce import notices
from tickets import events
from tickets.actor import Actor
from tickets.errors import Invalid
from tickets.models import Queue, QueueMembership

State = SlotBooking.State


def post_slot(
    queue: Queue, starts: datetime, ends: datetime, *, seats: int, by: Actor, now: datetime, note: str = ""
) -> Slot:
    """Post a slot. Raises Invalid if the span is over or has no length, or unless seats are 1 to 500."""
    if not now < ends or starts >= ends:
        raise Invalid(_("The slot must end after it begins, and lie ahead."), code="bad_span")
    if not 1 <= seats <= 500:
        raise Invalid(_("Enter how many people are wanted: 1 to 500."), code="bad_seats")
    with transaction.atomic():
        slot = Slot.objects.create(
            queue=queue,
            during=DateTimeTZRange(starts, ends),
            seats=seats,
            note=note.strip()[:120],
            posted_by_id=by.user_id,
        )
        data = {"slot": slot.pk, "seats": seats}
        events.record("slot.posted", by=by, at=now, queue_id=queue.pk, data=data)
    return slot


def request_slot(slot: Slot, agent: Agent, *, by: Actor, now: datetime) -> SlotBooking:
    """Request a slot for an agent; a second request returns the first booking.

    Raises NotBookable with a sentence: over, full, another queue's, a shift or a leave lies there.
    """
    with transaction.atomic():
        present = SlotBooking.objects.filter(slot=slot, agent=agent, state__in=(State.ASKED, State.APPROVED))
        if booking := present.first():
            return booking
        _check(slot, agent, now=now)
        booking = SlotBooking.objects.create(slot=slot, agent=agent, asked_at=now)
        data = {"slot": slot.pk, "booking": booking.pk, "user": agent.user_id}
        events.record("slot.asked", by=by, at=now, queue_id=slot.queue_id, data=data)
    return booking


def approve_booking(booking: SlotBooking, *, by: Actor, now: datetime) -> Shift | None:
    """Approve a booking; return the shift it becomes, or None if it was answered already.

    Raises NotBookable if the slot is full, or overlaps a shift or leave by now.
    """
    with transaction.atomic():
        slot = Slot.objects.select_for_update().get(pk=booking.slot_id)
        request = SlotBooking.objects.filter(pk=booking.pk, state=State.ASKED)
        if not request.exists():
            return None
        _check(slot, booking.agent, now=now)
        request.update(state=State.APPROVED, answered_at=now, answered_by=by.user_id)
        shift = _shift_for(slot, booking)
        _tell(booking, State.APPROVED, by=by, now=now)
    return shift


def refuse_booking(booking: SlotBooking, *, by: Actor, now: datetime) -> bool:
    """Refuse a booking; return whether it was still open."""
    with transaction.atomic():
        request = SlotBooking.objects.filter(pk=booking.pk, state=State.ASKED)
        if not request.update(state=State.REFUSED, answered_at=now, answered_by=by.user_id):
            return False
        _tell(booking, State.REFUSED, by=by, now=now)
    return True


def withdraw_booking(booking: SlotBooking, *, by: Actor, now: datetime) -> bool:
    """Withdraw a booking and free its seat. Raises NotBookable once the slot has begun."""
    if booking.slot.during.lower <= now:
        raise NotBookable(_("This slot has begun. Speak with your supervisor."), code="has_begun")
    with transaction.atomic():
        standing = SlotBooking.objects.filter(pk=booking.pk, state__in=(State.ASKED, State.APPROVED))
        if not standing.update(state=State.WITHDRAWN, answered_at=now, answered_by=by.user_id):
            return False
        Shift.objects.filter(booking=booking).delete()
        _note(booking, State.WITHDRAWN, by=by, now=now)
    return True


def _check(slot: Slot, agent: Agent, *, now: datetime) -> None:
    if slot.during.upper <= now:
        raise NotBookable(_("This slot is over."), code="is_over")
    approved = SlotBooking.objects.filter(slot=slot, state=State.APPROVED).count()
    if approved >= slot.seats:
        raise NotBookable(_("This slot is full. Choose another one."), code="is_full")
    works = QueueMembership.objects.live(now).filter(user_id=agent.user_id, queue_id=slot.queue_id)
    if not works.exists():
        raise NotBookable(_("This slot is of a queue that the person does not work in."), code="not_member")
    if Shift.objects.filter(agent=agent, during__overlap=slot.during).exists():
        raise NotBookable(_("There is a shift at that time already."), code="works_then")
    if Leave.objects.filter(agent=agent, during__overlap=slot.during).exists():
        raise NotBookable(_("There is a leave at that time."), code="on_leave")


def _shift_for(slot: Slot, booking: SlotBooking) -> Shift:
    try:
        with transaction.atomic():
            return Shift.objects.create(agent=booking.agent, during=slot.during, booking=booking)
    except IntegrityError as error:
        raise NotBookable(_("There is a shift at that time already."), code="works_then") from error


def _tell(booking: SlotBooking, state: str, *, by: Actor, now: datetime) -> None:
    _note(booking, state, by=by, now=now)
    during, agent = booking.slot.during, booking.agent
    words = {"starts": during.lower.astimezone(agent.zone), "ends": during.upper.astimezone(agent.zone)}
    moments = {name: moment.isoformat() for name, moment in words.items()}
    queue = booking.slot.queue.label(agent.user.language)
    address = reverse("routing:slots")
    notices.notify(agent.user, f"slot_{state}", address, now=now, queue=queue, **moments)


def _note(booking: SlotBooking, state: str, *, by: Actor, now: datetime) -> None:
    user = booking.agent.user_id
    data = {"slot": booking.slot_id, "booking": booking.pk, "user": user, "state": state}
    events.record("slot.answered", by=by, at=now, queue_id=booking.slot.queue_id, data=data)

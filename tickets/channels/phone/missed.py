"""Several missed calls of one caller are one piece of work: where they belong, and what it is called."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from tickets.actor import Actor
from tickets.customers import phone_numbers
from tickets.intake.arrivals import Arrival
from tickets.models import Call, Ticket

LAYER = "waiting_missed_call"


def find_waiting_ticket(call: Call, arrival: Arrival) -> Ticket | None:
    """Return the ticket in which an earlier missed call from the same number still waits for us.

    It is the caller's own, or came from the same digits whose number an agent has chosen. A number that was
    withheld is nobody's.
    """
    if not call.customer_number:
        return None
    same_person = Q(ticket__customer=arrival.customer) | Q(told_number=call.customer_number)
    earlier = _missed(call).filter(same_person, ticket=OuterRef("pk")).exclude(pk=call.pk)
    earlier = earlier.filter(message__created_at__gte=OuterRef("waiting_since"))
    waiting = Ticket.objects.active().filter(Exists(earlier), waiting_since__isnull=False)
    return waiting.order_by("-updated_at").first()


def count_in_subject(call: Call, ticket: Ticket, *, arrival: Arrival) -> None:
    """Say in the subject that we wrote how many calls were missed; a subject of somebody else's stays."""
    missed = _missed(call).filter(ticket=ticket)
    count = missed.count()
    who = phone_numbers.format_number(call.customer_number)
    with translation.override(ticket.language):
        ours = {subject_of(who, number) for number in range(1, count + 1)}
        subject = subject_of(who, count)
    if count > 1 and ticket.subject in ours:
        ticket.rename(subject, by=Actor.for_channel("phone"), now=arrival.now)


def subject_of(who: str, count: int) -> str:
    """Return the subject of a ticket that `count` missed calls of one caller have opened."""
    if count < 2:
        return _("Missed call from %(who)s") % {"who": who}
    return _("%(count)s missed calls from %(who)s") % {"count": count, "who": who}


def _missed(call: Call) -> QuerySet[Call]:
    """Return the calls of one number, to the same telephone, that reached nobody."""
    number = Q(customer_number=call.customer_number) | Q(told_number=call.customer_number)
    calls = Call.objects.filter(number, channel=call.channel, direction=Call.Direction.INBOUND)
    return calls.exclude(result__in=(Call.Result.ANSWERED, Call.Result.RINGING)).exclude(ticket=None)

"""Collect the missed calls of one caller in one ticket, and count them in its subject."""

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
    """Return the ticket in which an earlier missed call of the same caller still waits for us.

    The same caller is the same customer, or the same digits for which an agent has chosen a number. Calls
    with a withheld number are never joined.
    """
    if not call.customer_number:
        return None
    same_person = Q(ticket__customer=arrival.customer) | Q(told_number=call.customer_number)
    earlier = _missed_calls(call).filter(same_person, ticket=OuterRef("pk")).exclude(pk=call.pk)
    earlier = earlier.filter(message__created_at__gte=OuterRef("waiting_since"))
    waiting = Ticket.objects.active().filter(Exists(earlier), waiting_since__isnull=False)
    return waiting.order_by("-updated_at").first()


def update_subject_count(call: Call, ticket: Ticket, *, arrival: Arrival) -> None:
    """Write the number of missed calls into the ticket's subject, unless a person has changed the subject."""
    missed = _missed_calls(call).filter(ticket=ticket)
    count = missed.count()
    who = phone_numbers.format_number(call.customer_number)
    with translation.override(ticket.language):
        ours = {build_subject(who, number) for number in range(1, count + 1)}
        subject = build_subject(who, count)
    if count > 1 and ticket.subject in ours:
        ticket.rename(subject, by=Actor.for_channel("phone"), now=arrival.now)


def build_subject(who: str, count: int) -> str:
    """Return the subject of a ticket that `count` missed calls of one caller have opened."""
    if count < 2:
        return _("Missed call from %(who)s") % {"who": who}
    return _("%(count)s missed calls from %(who)s") % {"count": count, "who": who}


def _missed_calls(call: Call) -> QuerySet[Call]:
    """Return the unanswered calls from the number of `call`, in the same channel, that have a ticket."""
    number = Q(customer_number=call.customer_number) | Q(told_number=call.customer_number)
    calls = Call.objects.filter(number, channel=call.channel, direction=Call.Direction.INBOUND)
    return calls.exclude(result__in=(Call.Result.ANSWERED, Call.Result.RINGING)).exclude(ticket=None)

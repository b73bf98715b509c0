"""A call from digits that could be two numbers: nobody is guessed, an agent says which number it was."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from tickets import events
from tickets.actor import Actor
from tickets.customers import claims, correction, identity
from tickets.customers.correction import Reason
from tickets.customers.phone_numbers import format_number, readings_of, with_a_plus
from tickets.errors import NotFound
from tickets.models import Call, Channel, Identity, Ticket
from tickets.models.customers.customer import IdentityQuerySet

REGIONS = {"fr": "FR", "en": "GB"}
PHONE = Identity.Kind.PHONE.value


class Unclear(NamedTuple):
    """Digits from which a ticket's calls came, and the numbers (E.164) that they may be."""

    digits: str
    numbers: tuple[str, ...]


def region_of(channel: Channel) -> str:
    """Return the country in which a channel's numbers are dialled (ISO 3166)."""
    return str(channel.options.get("region") or REGIONS.get(channel.language, "FR"))


def numbers_of(channel: Channel, text: str, *, among: IdentityQuerySet | None = None) -> tuple[str, ...]:
    """Return the numbers (E.164) that a told number may be: none that we can read, one, or several.

    Digits that could be several are one number if they are, with a plus, the number of a customer, and no
    other reading is. `among` are the identities that whoever typed the digits may see; a call that has come
    is compared with all.
    """
    numbers = readings_of(text, region=region_of(channel))
    whole = with_a_plus(text)
    if not whole or numbers == (whole,):
        return numbers
    either = (whole, *numbers)
    known = (Identity.objects.all() if among is None else among).proved()
    known = known.filter(kind=PHONE, value__in=either)
    owned = set(known.values_list("value", flat=True))
    if whole not in owned:
        return numbers
    # One reading beside it is the number as people there dial it: that is as likely.
    is_certain = owned == {whole} and len(numbers) != 1
    return (whole,) if is_certain else tuple(dict.fromkeys(either))


def find_unclear(ticket: Ticket) -> Unclear | None:
    """Return what is to be asked about the number that a ticket's calls came from, if anything is."""
    call = _undecided(ticket).select_related("channel").order_by("-started_at").first()
    if call is None:
        return None
    named = Identity.objects.filter(customer=ticket.customer_id, kind=PHONE, value=call.customer_number)
    if not named.exists():
        return None  # somebody has said who it is
    numbers = numbers_of(call.channel, call.customer_number)
    return Unclear(call.customer_number, numbers) if len(numbers) > 1 else None


def choose_number(ticket: Ticket, number: str, *, by: Actor, now: datetime) -> bool:
    """Say which number a ticket's calls came from; return whether that was news.

    The one customer whom the agent knows by it, and who has proved it, becomes the ticket's. Else it is a
    claim on the ticket.

    Raises:
        NotFound: the calls cannot have come from `number`.
    """
    with transaction.atomic():
        Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
        if ticket.calls.filter(customer_number=number).exclude(told_number="").exists():
            return False
        unclear = find_unclear(ticket)
        if unclear is None or number not in unclear.numbers:
            raise NotFound
        calls = _undecided(ticket).filter(customer_number=unclear.digits)
        latest = calls.order_by("-started_at").values_list("pk", flat=True).first()
        calls.update(customer_number=number, told_number=unclear.digits)
        events.record("call.number_chosen", ticket=ticket, by=by, at=now, data={"call": latest})
        _name_in_subject(ticket, unclear.digits, number, by=by, now=now)
        _say_whose(ticket, unclear.digits, number, by=by, now=now)
    return True


def follow_choice(call: Call) -> None:
    """Read a further call of a ticket as an agent has read the same digits there."""
    same = Call.objects.filter(ticket=call.ticket, told_number=call.customer_number).exclude(told_number="")
    number = same.values_list("customer_number", flat=True).first()
    if number and call.customer_number != number:
        call.told_number, call.customer_number = call.customer_number, number
        call.save(update_fields=["told_number", "customer_number"])


def _undecided(ticket: Ticket) -> QuerySet[Call]:
    """Return a ticket's incoming calls of which only digits are known."""
    calls = ticket.calls.filter(direction=Call.Direction.INBOUND, told_number="")
    return calls.exclude(customer_number="").exclude(customer_number__startswith="+")


def _name_in_subject(ticket: Ticket, digits: str, number: str, *, by: Actor, now: datetime) -> None:
    if ticket.subject.endswith(digits):
        ticket.rename(ticket.subject.removesuffix(digits) + format_number(number), by=by, now=now)


def _say_whose(ticket: Ticket, digits: str, number: str, *, by: Actor, now: datetime) -> None:
    """Give the ticket to whom the agent knows by the number; the digits alone name nobody any more."""
    seen = Identity.objects.visible_to(by).proved()
    customer = identity.find_customer(PHONE, number, among=seen)
    Identity.objects.filter(customer=ticket.customer_id, kind=PHONE, value=digits).delete()
    if customer is not None:
        correction.set_customer(ticket, customer, by=by, now=now, reason=Reason.NUMBER)
    else:
        claims.add_claim(ticket, PHONE, number, by=by, now=now)

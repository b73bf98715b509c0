"""A call from digits that may be several phone numbers: nothing is guessed, an agent chooses the number."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from tickets import events
from tickets.actor import Actor
from tickets.customers import claims, correction, identity
from tickets.customers.correction import Reason
from tickets.customers.phone_numbers import format_number, list_readings, read_with_plus
from tickets.errors import NotFound
from tickets.models import Call, Channel, Identity, Ticket
from tickets.models.customers.customer import IdentityQuerySet

REGIONS = {"fr": "FR", "en": "GB"}
PHONE = Identity.Kind.PHONE.value


class UnclearNumber(NamedTuple):
    """The caller's digits of a ticket's calls, and the numbers (E.164) that they may mean."""

    digits: str
    numbers: tuple[str, ...]


def find_region(channel: Channel) -> str:
    """Return the country in which a channel's numbers are dialled (ISO 3166)."""
    return str(channel.options.get("region") or REGIONS.get(channel.language, "FR"))


def read_numbers(channel: Channel, text: str, *, among: IdentityQuerySet | None = None) -> tuple[str, ...]:
    """Return the numbers (E.164) that the digits from a telephone system may mean: none, one or several.

    Of several, one is certain if it is the digits with a "+" before them and a customer has this one only.
    `among` are the identities that whoever typed the digits may see; an incoming call is compared with all.
    """
    numbers = list_readings(text, region=find_region(channel))
    whole = read_with_plus(text)
    if not whole or numbers == (whole,):
        return numbers
    either = (whole, *numbers)
    known = (Identity.objects.all() if among is None else among).proved()
    known = known.filter(kind=PHONE, value__in=either)
    owned = set(known.values_list("value", flat=True))
    if whole not in owned:
        return numbers
    # A single other reading is the number as it is dialled in that country, which is just as likely.
    is_certain = owned == {whole} and len(numbers) != 1
    return (whole,) if is_certain else tuple(dict.fromkeys(either))


def find_unclear_number(ticket: Ticket) -> UnclearNumber | None:
    """Return the digits of a ticket's calls from which an agent has yet to choose a number, if any."""
    call = _undecided_calls(ticket).select_related("channel").order_by("-started_at").first()
    if call is None:
        return None
    named = Identity.objects.filter(customer=ticket.customer_id, kind=PHONE, value=call.customer_number)
    if not named.exists():
        return None  # an agent has corrected the customer
    numbers = read_numbers(call.channel, call.customer_number)
    return UnclearNumber(call.customer_number, numbers) if len(numbers) > 1 else None


def choose_number(ticket: Ticket, number: str, *, by: Actor, now: datetime) -> bool:
    """Choose the number that a ticket's calls came from; return False if it was chosen already.

    If the agent's queues know exactly one customer by this proved number, the ticket becomes theirs.
    Otherwise the number is a claim on the ticket.

    Raises:
        NotFound: the calls cannot have come from `number`.
    """
    with transaction.atomic():
        Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
        if ticket.calls.filter(customer_number=number).exclude(told_number="").exists():
            return False
        unclear = find_unclear_number(ticket)
        if unclear is None or number not in unclear.numbers:
            raise NotFound
        calls = _undecided_calls(ticket).filter(customer_number=unclear.digits)
        latest = calls.order_by("-started_at").values_list("pk", flat=True).first()
        calls.update(customer_number=number, told_number=unclear.digits)
        events.record("call.number_chosen", ticket=ticket, by=by, at=now, data={"call": latest})
        _replace_in_subject(ticket, unclear.digits, number, by=by, now=now)
        _move_to_owner(ticket, unclear.digits, number, by=by, now=now)
    return True


def apply_earlier_choice(call: Call) -> None:
    """Apply the number that an agent chose for an earlier call of the ticket with the same digits."""
    same = Call.objects.filter(ticket=call.ticket, told_number=call.customer_number).exclude(told_number="")
    number = same.values_list("customer_number", flat=True).first()
    if number and call.customer_number != number:
        call.told_number, call.customer_number = call.customer_number, number
        call.save(update_fields=["told_number", "customer_number"])


def _undecided_calls(ticket: Ticket) -> QuerySet[Call]:
    """Return a ticket's incoming calls for which only digits, and no number, are known."""
    calls = ticket.calls.filter(direction=Call.Direction.INBOUND, told_number="")
    return calls.exclude(customer_number="").exclude(customer_number__startswith="+")


def _replace_in_subject(ticket: Ticket, digits: str, number: str, *, by: Actor, now: datetime) -> None:
    if ticket.subject.endswith(digits):
        ticket.rename(ticket.subject.removesuffix(digits) + format_number(number), by=by, now=now)


def _move_to_owner(ticket: Ticket, digits: str, number: str, *, by: Actor, now: datetime) -> None:
    """Move the ticket to the customer whom the agent knows by the number, and delete the digits' identity."""
    seen = Identity.objects.visible_to(by).proved()
    customer = identity.find_customer(PHONE, number, among=seen)
    Identity.objects.filter(customer=ticket.customer_id, kind=PHONE, value=digits).delete()
    if customer is not None:
        correction.set_customer(ticket, customer, by=by, now=now, reason=Reason.NUMBER)
    else:
        claims.add_claim(ticket, PHONE, number, by=by, now=now)

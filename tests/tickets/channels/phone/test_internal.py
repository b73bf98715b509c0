"""Calls inside the company: no customer takes part, so none is made and no ticket is opened."""

import pytest

from tests.tickets.channels.phone.test_asterisk import CDR
from tests.tickets.channels.phone.told import send
from tickets.models import Call, Customer, Inbound, Ticket


@pytest.fixture
def phone(cast):
    cast.phone.options = {"format": "asterisk", "extensions": {"201": "bob@demo.example"}, "region": "FR"}
    cast.phone.save()
    return cast.phone


@pytest.mark.parametrize(("source", "destination"), [("201", "202"), ("205", "201"), ("2011", "2012")])
def test_a_call_between_two_extensions_is_nobodys_call(phone, source, destination):
    before = Customer.objects.count()
    send(phone, {**CDR, "Source": source, "Destination": destination, "CallerIDName": "Bob"})
    assert (Inbound.objects.get().state, Inbound.objects.get().rule) == ("ignored", "internal_call")
    assert (Call.objects.count(), Ticket.objects.count(), Customer.objects.count()) == (0, 0, before)


@pytest.mark.parametrize("source", ["0", "-1", "sip:anonymous@pbx.example"])
def test_two_calls_without_a_number_are_two_callers(phone, source):
    for call in ("1.1", "2.2"):
        send(phone, {**CDR, "Source": source, "UniqueID": call})
    assert Call.objects.values("customer").distinct().count() == 2
    assert set(Call.objects.values_list("customer_number", flat=True)) == {""}

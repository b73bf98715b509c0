"""Who helps out in a queue for a while reads no address and no number of a customer, on whatever page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as post
from django.test import Client

from tests.helpdesk.rights import asking, world
from tests.helpdesk.rights.world import World
from tests.routing.scene import callback
from tickets.channels.base import Sender
from tickets.channels.email.inbound import reply_by_mail
from tickets.clock import database_now
from tickets.customers import identity
from tickets.delivery import outbox
from tickets.intake import ledger
from tickets.models import (
    Call,
    Customer,
    Identity,
    Message,
    Outbound,
    Participant,
    QueueMembership,
    Ticket,
)
from tickets.models.channels.delivery_error import DeliveryError

HOST = "zqhome.example"
NUMBER = "+33698765432"
TEXTS = (HOST, "98765432", "98 76 54 32", "0698765432")


@pytest.fixture
def here(cast) -> World:
    """Return a world in which Alice only helps out, and customers have no names but addresses and numbers."""
    made = world.build(cast)
    QueueMembership.objects.filter(user=cast.alice).update(hides_personal_data=True)
    now = database_now()
    for number, person in enumerate(Customer.objects.order_by("pk")):
        address = f"person{number}@{HOST}"
        Identity.objects.filter(customer=person, kind="email").update(value=address, display=address)
        Identity.objects.create(
            customer=person,
            kind="phone",
            value=NUMBER,
            verified_at=now,
            verified_how="channel",
            created_at=now,
        )
        Message.objects.filter(author_customer=person).update(from_name="", from_address=address)
    Customer.objects.update(name="")
    refused = DeliveryError.from_status("5.1.1", f"<person@{HOST}> unknown")
    Outbound.objects.update(to=f"person@{HOST}", cc=[f"copy@{HOST}"], error=refused)
    _claimed(made, now)
    _called(made, now)
    _set_aside(made, now)
    return made


def _claimed(made: World, now: Any) -> None:
    """Put somebody in copy, and somebody whose address is claimed."""
    other = identity.resolve_sender(Sender("email", f"copy@{HOST}", is_verified=True), language="en", now=now)
    Participant.objects.create(
        ticket=made.ticket, customer=other.customer, identity=other.identity, role="copy", created_at=now
    )
    known = Identity.objects.filter(customer=made.ticket.customer, kind="email").get()
    Identity.objects.create(
        customer=made.ticket.customer, kind="email", value=f"copy@{HOST}", created_at=now, ticket=made.ticket
    )
    Message.objects.filter(ticket=made.ticket).update(
        facts={"to": [known.value], "cc": [f"cc@{HOST}"], "reply_to": [f"reply@{HOST}"]}
    )


def _called(made: World, now: Any) -> None:
    for number, ticket in enumerate((made.ticket, None)):
        Call.objects.create(
            channel=made.cast.phone, external_id=f"zq{number}", ticket=ticket, customer=made.ticket.customer,
            direction="in", result="missed", customer_number=NUMBER, started_at=now,
        )  # fmt: skip
    callback(made.ticket, now)
    made.ticket.callbacks.update(number=NUMBER)


def _set_aside(made: World, now: Any) -> None:
    raw = f"From: person9@{HOST}\r\nTo: support@demo.example\r\nSubject: Hello\r\n\r\nWords".encode()
    kept, _new = ledger.keep_raw(made.cast.mailbox, raw, source_key="zq", now=now)
    ledger.quarantine(kept, rule="dmarc_fail", why=f"From person9@{HOST}.", now=now)


def test_no_page_shows_a_helper_an_address_or_a_number(here):
    client = Client(raise_request_exception=False)
    client.cookies.load(here.cookies["alice"])
    shown = {}
    for name, path, _pattern in asking.routes():
        if path.startswith("api/") or name.startswith(("portal:", "account", "mfa")):
            continue
        address = "/" + path.format(**here.arguments(name))
        answer = client.get(address)
        text = b"".join(answer).decode(errors="replace")  # streamed ones too
        if found := [text_ for text_ in TEXTS if text_ in text]:
            place = text.index(found[0])
            shown[name] = text[max(0, place - 90) : place + 40]
    assert shown == {}, "\n".join(f"{k}: {v!r}" for k, v in shown.items())


@pytest.mark.parametrize(
    "path", ["?tab=all", "search/?q=person", "search/?q=zqhome", "list/unassigned/", "find/?q=person"]
)
def test_no_search_does_either(here, path):
    client = Client()
    client.cookies.load(here.cookies["alice"])
    page = client.get(f"/admin/desk/{path}").content.decode()
    assert not [text for text in TEXTS if text in page.replace('value="zqhome"', "").replace("“zqhome”", "")]


def test_no_resource_of_the_api_does(here):
    client = Client(headers={"Authorization": f"Bearer {here.keys['alice']}"})
    shown = {}
    for name, path, _resource in asking.api_routes():
        address = path.format(**here.arguments(name))
        text = client.get(address).content.decode()
        if found := [text_ for text_ in TEXTS if text_ in text]:
            place = text.index(found[0])
            shown[name] = text[max(0, place - 90) : place + 40]
    assert shown == {}, "\n".join(f"{k}: {v!r}" for k, v in shown.items())


@pytest.mark.parametrize(
    "address",
    [
        "/admin/desk/calls/new/?ticket={ticket}",
        "/admin/desk/calls/new/?customer={customer}",
        "/admin/desk/new/?customer={customer}",
        "/admin/desk/list/customer-{customer}/",
    ],
)
def test_no_page_about_one_customer_does(here, address):
    client = Client()
    client.cookies.load(here.cookies["alice"])
    page = client.get(
        address.format(ticket=here.ticket.pk, customer=here.ticket.customer_id)
    ).content.decode()
    assert not [text for text in TEXTS if text in page]


def test_no_mail_to_a_helper_does(here, cast):
    told = reply_by_mail.notify_agent(here.ticket.messages.get(seq=1), cast.alice, now=database_now())
    outbox.deliver(told.pk, now=database_now() + timedelta(minutes=1))
    mail = post.outbox[-1]
    assert "wrote on ticket" in str(mail.body)
    assert not [text for text in TEXTS if text in str(mail.message())]


def test_somebody_at_home_in_the_queue_reads_them(here, cast):
    client = Client(headers={"Authorization": f"Bearer {here.keys['bob']}"})
    assert HOST in client.get(f"/api/v1/customers/{cast.dana.public_id}/").content.decode()
    assert Ticket.objects.filter(pk=here.ticket.pk).exists()

"""An address typed into a form or sent by API proves nothing."""

from __future__ import annotations

import pytest

from tests import make
from tickets.api import keys
from tickets.channels.web.adapter import build_document
from tickets.intake import receive
from tickets.models import Channel, Queue, Ticket, TicketLink


@pytest.fixture
def ticket(cast):
    return make.ticket(cast.web, cast.dana)


def test_a_form_in_danas_name_that_cites_her_ticket_opens_one_beside_it(cast, ticket, now):
    form = {"email": cast.dana.email, "subject": f"Re: [#{ticket.pk}]", "text": "Send it to my new address."}
    outcome = receive.receive(cast.web, build_document(form), source_key="forged", now=now)
    link = TicketLink.objects.get()
    assert ticket.messages.count() == 1
    assert (link.source, link.target, link.kind) == (outcome.ticket, ticket, "quotes")


def test_an_agent_of_another_queue_cannot_speak_in_a_hidden_ticket_by_the_api(cast, ticket, client, now):
    legal = Queue.objects.get(slug="legal")
    Channel.objects.create(slug="api", queue=legal, name="API")
    _key, secret = keys.create_key(cast.mallory, "x", ["write"], by=cast.acting("admin"), now=now)
    body = {
        "queue": "legal", "customer": {"email": cast.dana.email}, "subject": f"[#{ticket.pk}]",
        "text": "Cancel it.",
    }  # fmt: skip
    answer = client.post(
        "/api/v1/tickets/", body, content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )  # fmt: skip
    assert answer.status_code == 201
    assert ticket.messages.count() == 1
    assert Ticket.objects.get(pk=answer.json()["number"]).queue == legal


def test_a_customers_own_page_still_speaks_in_its_ticket(cast, ticket):
    make.customer_message(ticket, "Any news?")
    assert ticket.messages.count() == 2

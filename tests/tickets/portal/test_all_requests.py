"""All one's requests: a link by mail, once, for ten minutes; nobody learns who is a customer."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import make
from tickets.clock import database_now
from tickets.customers import links
from tickets.delivery import outbox
from tickets.models import AccessLink, Outbound
from tickets.platform import crypto

ASK = "/requests/"


@pytest.fixture
def tickets(cast):
    return [make.ticket(cast.web, cast.dana, subject=s) for s in ("Broken lamp", "Late chair")]


def ask(client, address="dana@petit.example"):
    return client.post(ASK, {"email": address}, follow=True)


def mailed_link():
    outbox.deliver_due(now=database_now())
    letter = next(m for m in reversed(mail.outbox) if "the link to your requests" in m.subject)
    found = re.search(r"/requests/enter/[\w-]+/", str(letter.body))
    assert found
    return found[0]


def test_link_by_mail_shows_all_requests(tickets, client):
    ask(client)
    client.get(mailed_link())
    text = client.post(reverse("portal:open_all"), follow=True).text
    assert "Broken lamp" in text
    assert "Late chair" in text


def test_one_request_opens_from_the_list(tickets, client):
    ask(client)
    client.get(mailed_link())
    client.post(reverse("portal:open_all"))
    assert client.get(reverse("portal:request_page", args=[tickets[0].public_id])).status_code == 200


def test_known_and_unknown_addresses_get_the_same_answer(tickets, client):
    known, unknown = ask(client), ask(client, "nobody@nowhere.example")
    assert known.status_code == unknown.status_code == 200
    assert known.redirect_chain == unknown.redirect_chain
    token = re.compile(r'value="[\w-]{64}"')
    assert token.sub("", known.text) == token.sub("", unknown.text)


def test_nothing_is_mailed_to_a_stranger(tickets, client):
    ask(client, "nobody@nowhere.example")
    outbox.deliver_due(now=database_now())
    assert Outbound.objects.get(to="nobody@nowhere.example").state == "cancelled"
    assert all("nobody@nowhere.example" not in m.to for m in mail.outbox)


def test_known_and_unknown_addresses_cost_the_same_queries(tickets, client):
    counts = []
    for address in ("dana@petit.example", "nobody@nowhere.example"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.post(ASK, {"email": address})
        counts.append(len(queries))
    assert abs(counts[0] - counts[1]) <= 1


def test_no_row_holds_the_token(tickets, client):
    ask(client)
    token = mailed_link().split("/")[-2]
    assert token not in str(list(Outbound.objects.values()))
    assert AccessLink.objects.filter(digest=crypto.digest(token)).exists()


def test_a_program_that_follows_the_link_does_not_use_it_up(tickets, client):
    ask(client)
    address = mailed_link()
    for _ in range(3):
        assert client.head(address).status_code == client.get(address).status_code == 302
    assert client.post(reverse("portal:open_all")).url == reverse("portal:requests")


def test_link_works_once(tickets, client):
    ask(client)
    address = mailed_link()
    client.get(address)
    client.post(reverse("portal:open_all"))
    assert client.get(address).status_code == 404


def test_link_is_good_for_ten_minutes(cast, tickets, client):
    late = database_now() - timedelta(minutes=11)
    address = links.make_all_requests_url(cast.dana.identities.get(), now=late).removeprefix(
        "http://127.0.0.1:8000"
    )
    assert client.get(address).status_code == 404


def test_address_with_the_token_is_not_told_on(cast, tickets, client):
    address = links.make_all_requests_url(cast.dana.identities.get(), now=database_now()).removeprefix(
        "http://127.0.0.1:8000"
    )
    response = client.get(address)
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.url == reverse("portal:open_all")


def test_other_peoples_requests_are_not_listed(cast, tickets, client):
    make.ticket(cast.web, cast.emile, subject="Émile's own matter")
    ask(client)
    client.get(mailed_link())
    assert "own matter" not in client.post(reverse("portal:open_all"), follow=True).text


def test_asking_often_is_slowed_down(tickets, client):
    assert [ask(client).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_odd_address_is_marked(cast, client):
    response = ask(client, "dana")
    assert response.status_code == 400
    assert 'aria-invalid="true"' in response.text


def test_forgetting_the_device_ends_the_visit(tickets, client):
    ask(client)
    client.get(mailed_link())
    client.post(reverse("portal:open_all"))
    client.post(reverse("portal:forget_all"))
    assert "Send me the link" in client.get(ASK).text


@pytest.mark.parametrize("way", ["of all", "of one request", "by a newer link"])
def test_a_copy_of_the_cookie_opens_nothing_once_the_visit_has_ended(tickets, client, way):
    """A cookie that was copied from a borrowed computer, or out of a backup of it."""
    ask(client)
    client.get(mailed_link())
    client.post(reverse("portal:open_all"))
    thief = Client()
    thief.cookies["requests"] = client.cookies["requests"].value
    assert "Broken lamp" in thief.get(ASK).text
    if way == "by a newer link":
        ask(client)
        client.get(mailed_link())
        client.post(reverse("portal:open_all"))
        assert "Broken lamp" in client.get(ASK).text
    else:
        one = reverse("portal:forget", args=[tickets[0].public_id])
        client.post(one if way == "of one request" else reverse("portal:forget_all"))
    assert "Broken lamp" not in thief.get(ASK).text
    assert thief.get(reverse("portal:request_page", args=[tickets[0].public_id])).status_code == 404

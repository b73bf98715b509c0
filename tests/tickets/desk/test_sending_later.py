"""On the desk: take a reply back within seconds, or have it sent later."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import make
from tickets.delivery import outbox
from tickets.models import Draft, Outbound


@pytest.fixture
def ticket(cast):
    return make.ticket(cast.web, cast.dana)


def send(client, ticket, **fields):
    sent = {
        "kind": "reply",
        "text": "It leaves today.",
        "seen_seq": ticket.last_seq,
        "then": "solved",
    } | fields
    return client.post(reverse("desk:send", args=[ticket.pk]), sent)


def test_a_reply_shows_that_it_can_be_taken_back(ticket, signed_in):
    client = signed_in("alice")
    assert send(client, ticket).status_code == 204
    assert Outbound.objects.get(kind="reply").state == "held"
    thread = client.get(reverse("desk:thread", args=[ticket.pk])).content.decode()
    assert reverse("desk:take_back", args=[ticket.pk, 2]) in thread


def test_taken_back_it_stands_in_the_composer_again(ticket, signed_in):
    client = signed_in("alice")
    send(client, ticket)
    answer = client.post(reverse("desk:take_back", args=[ticket.pk, 2]))
    assert answer.status_code == 200
    assert "It leaves today.</textarea>" in answer.content.decode()


def test_nobody_else_takes_it_back(ticket, signed_in):
    send(signed_in("alice"), ticket)
    assert signed_in("bob").post(reverse("desk:take_back", args=[ticket.pk, 2])).status_code == 404
    assert signed_in("mallory").post(reverse("desk:take_back", args=[ticket.pk, 2])).status_code == 404


def test_too_late_says_so(ticket, signed_in):
    client = signed_in("alice")
    send(client, ticket)
    row = Outbound.objects.get(kind="reply")
    outbox.deliver(row.pk, now=row.next_attempt_at)
    answer = client.post(reverse("desk:take_back", args=[ticket.pk, 2]))
    assert (answer.status_code, "has already been sent" in answer.content.decode()) == (409, True)


def test_send_later_waits_for_the_chosen_time(ticket, signed_in):
    client, chosen = signed_in("alice"), timezone.localtime() + timedelta(days=3)
    assert send(client, ticket, later="yes", send_at=chosen.strftime("%Y-%m-%dT%H:%M")).status_code == 204
    row = Outbound.objects.get(kind="reply")
    assert (row.state, row.next_attempt_at) == ("scheduled", chosen.replace(second=0, microsecond=0))


@pytest.mark.parametrize("when", ["", "tomorrow", "2020-01-01T09:00"])
def test_a_time_that_is_none_is_refused_with_a_sentence(ticket, signed_in, when):
    answer = send(signed_in("alice"), ticket, later="yes", send_at=when)
    assert answer.status_code == 400
    assert "time" in answer.content.decode()
    assert Draft.objects.get(ticket=ticket).text == "It leaves today."

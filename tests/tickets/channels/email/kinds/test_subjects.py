"""Our subjects carry the ticket's mark; a number in a customer's own subject is offered, not followed."""

import pytest
from django.urls import reverse

from tests import make
from tests.tickets.channels.email.scene import DANA, STRANGER, Scene
from tickets.channels.email.outbound.outward import build_mail
from tickets.delivery import tokens


@pytest.fixture
def scene(cast, now):
    return Scene(cast, now)


def test_our_answer_names_its_ticket(scene):
    assert scene.sent.subject.endswith(f"[#{scene.ticket.pk}]")


def test_an_answer_without_headers_finds_home_by_our_subject(scene):
    outcome = scene.came(DANA, "It still fails.", subject=f"AW: {scene.sent.subject}")
    assert (outcome.ticket, outcome.message.thread_layer) == (scene.ticket, "subject")


def test_the_mark_lets_nobody_else_in(scene):
    outcome = scene.came(STRANGER, "Let me in.", subject=scene.sent.subject)
    assert (outcome.state, outcome.ticket == scene.ticket) == ("opened", False)


def test_the_mark_of_an_older_ticket_is_not_carried_on(scene):
    scene.ticket.subject = "Re: lamp [#1]"
    scene.ticket.save(update_fields=["subject"])
    scene.outbound.refresh_from_db()
    assert build_mail(scene.outbound, now=scene.now).subject == f"Re: lamp [#{scene.ticket.pk}]"


MENTIONED = {
    "About #12 and #13": [12, 13],
    "#12": [12],
    "Order (#12)": [12],
    "[#12] lamp": [],
    "C#12": [],
    "colour &#1234;": [],
    "#12a": [],
    "Lamp #12-B": [],
    "#12 #12": [12],
}


@pytest.mark.parametrize("subject", MENTIONED)
def test_numbers_that_a_person_mentions_are_read(subject):
    assert tokens.find_mentioned_numbers(subject) == MENTIONED[subject]


def page_of(client, cast, ticket):
    client.force_login(cast.alice)
    return client.get(reverse("desk:ticket", args=[ticket.pk])).content.decode()


def test_a_mentioned_ticket_is_offered_as_a_link(scene, cast, client):
    outcome = scene.came(DANA, "And this?", subject=f"About #{scene.ticket.pk}")
    assert outcome.ticket != scene.ticket
    address = reverse("desk:ticket", args=[scene.ticket.pk])
    assert f'<a href="{address}">#{scene.ticket.pk}</a>' in page_of(client, cast, outcome.ticket)


def test_a_ticket_that_somebody_may_not_see_is_not_offered(scene, cast, client):
    queue = make.queue("private")
    make.membership(cast.mallory, queue)
    secret = make.ticket(make.channel("web", queue), cast.dana)
    outcome = scene.came(DANA, "And this?", subject=f"About #{secret.pk} and #99999999")
    assert "The subject may mean" not in page_of(client, cast, outcome.ticket)

"""Changing a ticket from the desk: one verb an address, and nobody from elsewhere."""

from dataclasses import replace

import pytest
from django.urls import reverse

from tests import make
from tickets.desk import responses
from tickets.desk.access import Desk
from tickets.models import Event, Motive

CHANGES = {
    "state": {"state": "on_hold"},
    "subject": {"subject": "Lamp"},
    "queue": {"queue": "1"},
    "priority": {"priority": "2"},
    "motive": {"motive": ""},
    "tags": {"tags": "lamp"},
    "spam": {"spam": "yes"},
    "add_identity": {"value": "dana@work.example"},
    "say_who": {"customer": "1"},
    "undo_customer": {},
    "notes": {"notes": "x"},
    "readers": {"seen": "1"},
}


def change(client, name, ticket, **fields):
    return client.post(reverse(f"desk:{name}", args=[ticket.pk]), fields)


@pytest.mark.parametrize("name", CHANGES)
def test_mallory_changes_nothing(cast, signed_in, name):
    ticket, mallory = make.ticket(cast.web, cast.dana), signed_in("mallory")
    events = Event.objects.count()
    assert change(mallory, name, ticket, **CHANGES[name]).status_code == 404
    assert Event.objects.count() == events


@pytest.mark.parametrize("name", CHANGES)
def test_looking_changes_nothing(cast, signed_in, name):
    ticket = make.ticket(cast.web, cast.dana)
    assert signed_in("alice").get(reverse(f"desk:{name}", args=[ticket.pk])).status_code == 405


@pytest.mark.parametrize("state", ["on_hold", "pending", "solved", "closed"])
def test_a_state_is_set_without_a_word_to_the_customer(cast, signed_in, state):
    ticket = make.ticket(cast.web, cast.dana)
    assert change(signed_in("alice"), "state", ticket, state=state).status_code == 204
    ticket.refresh_from_db()
    assert ticket.state == state
    assert not ticket.messages.filter(kind="out").exists()


def test_a_solved_ticket_can_be_reopened(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    ticket.solve(by=cast.acting("alice"), now=now)
    change(signed_in("alice"), "state", ticket, state="open")
    ticket.refresh_from_db()
    assert ticket.state == "open"


def test_an_unknown_state_is_refused(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    assert change(signed_in("alice"), "state", ticket, state="eaten").status_code == 400


def test_a_step_the_state_does_not_allow_is_refused(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    ticket.close(by=cast.acting("alice"), now=now)
    assert change(signed_in("alice"), "state", ticket, state="solved").status_code == 409


def test_the_subject_is_changed_and_never_empty(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    assert change(client, "subject", ticket, subject=" Table leg ").status_code == 204
    assert change(client, "subject", ticket, subject=" ").status_code == 400
    ticket.refresh_from_db()
    assert ticket.subject == "Table leg"


def test_moving_goes_only_to_ones_own_queues(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    assert change(client, "queue", ticket, queue=cast.mallory.memberships.get().queue_id).status_code == 404
    assert change(client, "queue", ticket, queue=cast.refunds.pk).status_code == 204
    ticket.refresh_from_db()
    assert ticket.queue == cast.refunds


def test_priority_and_reason_are_set(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    motive = Motive.objects.create(slug="broken", name_en="Broken")
    client = signed_in("alice")
    change(client, "priority", ticket, priority=3)
    change(client, "motive", ticket, motive=motive.pk)
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.motive) == (3, motive)
    assert change(client, "priority", ticket, priority=9).status_code == 400
    assert change(client, "motive", ticket, motive=10**8).status_code == 404


def test_tags_are_set_all_at_once_and_recorded_by_number(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    change(client, "tags", ticket, tags="Lamp,  broken , lamp,")
    assert sorted(ticket.tags.values_list("name", flat=True)) == ["broken", "lamp"]
    change(client, "tags", ticket, tags="lamp")
    assert list(ticket.tags.values_list("name", flat=True)) == ["lamp"]
    events = Event.objects.filter(kind="ticket.tagged")
    assert [len(e.data["added"]) for e in events] == [2, 0]
    assert change(client, "tags", ticket, tags="x" * 61).status_code == 400


def test_spam_is_marked_and_unmarked(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    for word, wanted in (("yes", True), ("no", False)):
        change(client, "spam", ticket, spam=word)
        ticket.refresh_from_db()
        assert ticket.is_spam is wanted


def test_a_change_tells_the_page_to_read_again(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    response = change(signed_in("alice"), "priority", ticket, priority=2)
    assert f'"changed": {{"ticket": {ticket.pk}}}' in response["HX-Trigger"]


def test_a_ticket_that_left_ones_sight_is_closed_on_the_page(cast, rf):
    ticket = make.ticket(cast.web, cast.dana)
    desk = Desk(replace(cast.acting("mallory"), queues=()), ticket.created_at, {}, frozenset())
    response = responses.render_change(rf.post("/"), desk, ticket)
    assert response["HX-Retarget"] == "#main"
    assert "No ticket selected" in response.content.decode()

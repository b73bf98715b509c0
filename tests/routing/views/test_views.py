"""The desk's fragments through HTTP: who may, what they show, how many queries they take."""

from datetime import timedelta

import pytest
from django.urls import reverse

from routing.assigning import assignment, offers
from routing.dispatch import run
from routing.models import Agent, Decision, Offer, Presence
from tests.cast import NOON
from tests.routing.scene import assignee, callback, chat, mail, offer_of, there
from tickets.actor import Actor
from tickets.clock import database_now
from tickets.models import Handover

CROSSWISE = [
    ("routing:explanation", "get"),
    ("routing:reasons", "get"),
    ("routing:assignment", "get"),
    ("routing:assignment", "post"),
    ("routing:handover", "get"),
    ("routing:handover", "post"),
]


@pytest.fixture
def now(db):
    return database_now()


def at_desk(client, user):
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"routing:{name}", args=args)


@pytest.mark.parametrize(("name", "verb"), CROSSWISE)
def test_ticket_of_another_queue_does_not_exist(client, cast, name, verb):
    ticket = mail(cast)
    answer = getattr(at_desk(client, cast.mallory), verb)(reverse(name, args=[ticket.pk]))
    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["presence", "offers"])
def test_strangers_are_sent_to_sign_in(client, name, db):
    assert client.get(url(name)).status_code == 302


def test_offer_of_a_colleague_does_not_exist(client, cast, now):
    there(cast.alice, now)
    ticket = chat(cast, now=now)
    run.run_pass(now)
    offer = offer_of(ticket)
    assert at_desk(client, cast.bob).post(url("accept", offer.pk)).status_code == 404
    assert client.post(url("decline", offer.pk), {"reason": "break"}).status_code == 404
    assert client.get(url("left", offer.pk)).status_code == 404


def test_offers_show_who_waits_and_why_you(client, cast, now):
    there(cast.alice, now)
    offered = chat(cast, now=now)
    run.run_pass(now)
    page = at_desk(client, cast.alice).get(url("offers")).content.decode()
    assert "Chat from Dana Petit" in page
    assert "My lamp arrived broken." in page
    assert "Offered to you because" in page
    assert url("accept", offer_of(offered).pk) in page


def test_call_back_is_offered_as_one(client, cast, now):
    there(cast.alice, now)
    callback(mail(cast, now=now), now=now)
    run.run_pass(now)
    assert "Call Dana Petit back" in at_desk(client, cast.alice).get(url("offers")).content.decode()


def test_accepting_opens_the_ticket(client, cast, now):
    there(cast.alice, now)
    ticket = chat(cast, now=now)
    run.run_pass(now)
    answer = at_desk(client, cast.alice).post(url("accept", offer_of(ticket).pk))
    assert answer.status_code == 200
    assert str(ticket.pk) in answer["HX-Location"]
    assert assignee(ticket) == cast.alice


def test_accepting_too_late_says_so(client, cast, now):
    there(cast.alice, now)
    ticket = chat(cast, now=now)
    run.run_pass(now)
    offer = offer_of(ticket)
    Offer.objects.update(state="expired")
    answer = at_desk(client, cast.alice).post(url("accept", offer.pk), headers={"HX-Request": "true"})
    assert (answer.status_code, "This offer has expired" in answer.content.decode()) == (409, True)


def test_declining_needs_a_reason(client, cast, now):
    there(cast.alice, now)
    ticket = chat(cast, now=now)
    run.run_pass(now)
    offer = offer_of(ticket)
    assert at_desk(client, cast.alice).post(url("decline", offer.pk)).status_code == 400
    assert client.post(url("decline", offer.pk), {"reason": "busy"}).status_code == 200
    offer.refresh_from_db()
    assert (offer.state, offer.reason) == ("declined", "busy")


def test_time_left_runs_out(client, cast, now):
    there(cast.alice, now)
    ticket = chat(cast, now=now)
    run.run_pass(now)
    offer = offer_of(ticket)
    assert "progress" in at_desk(client, cast.alice).get(url("left", offer.pk)).content.decode()
    offers.decline(offer, "busy", by=cast.acting("alice"), now=now)
    gone = client.get(url("left", offer.pk))
    assert ("progress" in gone.content.decode(), "changed" in gone["HX-Trigger"]) == (False, True)


def test_presence_is_shown_and_changed(client, cast):
    page = at_desk(client, cast.alice).get(url("presence")).content.decode()
    assert "Offline" in page
    changed = client.post(url("presence"), {"status": "away", "minutes": "15"})
    presence = Presence.objects.get(agent__user=cast.alice)
    assert (presence.status, presence.return_at is not None) == ("away", True)
    assert "back at" in changed.content.decode()


def test_who_is_due_back_is_asked_and_comes_back(client, cast, now):
    alice = there(cast.alice, now, status="away")
    Presence.objects.filter(pk=alice.pk).update(return_at=now - timedelta(minutes=1))
    page = at_desk(client, cast.alice).get(url("offers")).content.decode()
    assert "You were due back at" in page
    version = Presence.objects.get(pk=alice.pk).version
    client.post(url("presence"), {"status": "available", "version": str(version)})
    assert "You were due back at" not in client.get(url("offers")).content.decode()


def test_nobody_is_asked_before_the_time_they_gave(client, cast, now):
    alice = there(cast.alice, now, status="away")
    Presence.objects.filter(pk=alice.pk).update(return_at=now + timedelta(minutes=10))
    assert "You were due back" not in at_desk(client, cast.alice).get(url("offers")).content.decode()
    assert "load delay:" in client.get(url("presence")).content.decode()


@pytest.mark.parametrize(
    "form",
    [{"status": "dancing"}, {}, {"status": "away", "minutes": "x"}, {"status": "away", "minutes": "9999"}],
)
def test_presence_refuses_nonsense(client, cast, form):
    assert at_desk(client, cast.alice).post(url("presence"), form).status_code == 400


def test_page_left_open_cannot_flip_the_status(client, cast):
    at_desk(client, cast.alice).post(url("presence"), {"status": "available"})
    client.post(url("presence"), {"status": "away"})
    stale = client.post(url("presence"), {"status": "available", "version": "1"})
    assert stale.status_code == 409


def test_heartbeat_keeps_the_person_there(client, cast, django_assert_max_num_queries):
    agent = there(cast.alice)
    at_desk(client, cast.alice)
    with django_assert_max_num_queries(8):
        assert client.post(url("heartbeat")).status_code == 204
    assert Presence.objects.filter(agent=agent, seen_at__gt=NOON).exists()


def test_administrator_without_a_queue_is_no_agent(client, cast):
    at_desk(client, cast.admin)
    assert client.get(url("presence")).status_code == 204
    assert client.post(url("heartbeat")).status_code == 204
    assert not Agent.objects.filter(user=cast.admin).exists()


def test_explanation_is_one_sentence(client, cast, now):
    there(cast.alice, now)
    ticket = mail(cast, now=now)
    run.run_pass(now)
    page = at_desk(client, cast.alice).get(url("explanation", ticket.pk)).content.decode()
    assert "Assigned to you because" in page
    assert url("reasons", ticket.pk) in page


def test_explanation_says_why_nobody_has_it(client, cast, now):
    ticket = mail(cast, now=now)
    run.run_pass(now)
    page = at_desk(client, cast.alice).get(url("explanation", ticket.pk)).content.decode()
    assert "Waiting for an agent: 2 are offline." in page


def test_explanation_of_a_held_ticket_is_about_its_person_while_its_call_back_waits(client, cast, now):
    ticket = mail(cast, now=now)
    assignment.assign_to_me(ticket, by=Actor.for_user(cast.alice), now=now)
    callback(ticket, now=now)
    run.run_pass(now)
    client = at_desk(client, cast.bob)
    assert "Alice assigned it to themselves." in client.get(url("explanation", ticket.pk)).content.decode()
    assert "<b>Call back</b> Waiting" in client.get(url("reasons", ticket.pk)).content.decode()


def test_all_reasons_are_a_page(client, cast, now):
    there(cast.alice, now)
    ticket = mail(cast, now=now)
    run.run_pass(now)
    page = at_desk(client, cast.carol).get(url("reasons", ticket.pk)).content.decode()
    assert "chosen" in page
    assert "<b>Bob</b>: offline" in page


def test_reasons_of_a_ticket_without_a_decision_are_a_page_too(client, cast):
    assert at_desk(client, cast.alice).get(url("reasons", mail(cast).pk)).status_code == 200


def test_taking_giving_back_and_assigning_by_address(client, cast):
    there(cast.bob)
    ticket = mail(cast)
    at_desk(client, cast.alice)
    assert "Assign to me" in client.get(url("assignment", ticket.pk)).content.decode()
    assert client.post(url("assignment", ticket.pk), {"user": "me"}).status_code == 204
    assert assignee(ticket) == cast.alice
    assert "assigned to you" in client.get(url("assignment", ticket.pk)).content.decode()
    client.post(url("assignment", ticket.pk), {"user": ""})
    assert assignee(ticket) is None
    client.post(url("assignment", ticket.pk), {"user": str(cast.bob.pk)})
    assert assignee(ticket) == cast.bob
    assert list(Decision.objects.order_by("pk").values_list("how", flat=True)) == [
        "taken",
        "released",
        "assigned",
    ]


@pytest.mark.parametrize(
    ("who", "user", "status"),
    [
        ("alice", "mallory", 404),
        ("alice", "nobody", 404),
        ("alice", "9" * 30, 404),
        ("admin", "mallory", 409),
    ],
)
def test_assigning_to_who_may_not_is_refused(client, cast, who, user, status):
    there(cast.mallory)
    chosen = str(cast.mallory.pk) if user == "mallory" else user
    ticket = mail(cast)
    answer = at_desk(client, getattr(cast, who)).post(url("assignment", ticket.pk), {"user": chosen})
    assert (answer.status_code, assignee(ticket)) == (status, None)


@pytest.mark.parametrize(("name", "field"), [("handover", "to"), ("keeper", "user"), ("reasons", "person")])
def test_who_works_in_no_queue_of_ones_own_is_not_named(client, cast, name, field):
    there(cast.mallory)
    ticket, form = mail(cast), {"role": "owner"}
    form[field] = f"user:{cast.mallory.pk}" if field == "to" else str(cast.mallory.pk)
    desk = at_desk(client, cast.alice)
    answer = (desk.get if name == "reasons" else desk.post)(url(name, ticket.pk), form)
    assert answer.status_code == 404
    assert "Mallory" not in answer.text


def test_only_a_supervisor_may_insist(client, cast):
    bob = there(cast.bob, places=0)
    ticket = mail(cast)
    form = {"user": str(bob.user_id), "insist": "1"}
    assert at_desk(client, cast.alice).post(url("assignment", ticket.pk), form).status_code == 409
    assert at_desk(client, cast.carol).post(url("assignment", ticket.pk), form).status_code == 204


def test_handing_over_by_form(client, cast):
    there(cast.bob)
    ticket = mail(cast)
    at_desk(client, cast.alice)
    form = client.get(url("handover", ticket.pk)).content.decode()
    assert f'value="user:{cast.bob.pk}"' in form
    assert f'value="queue:{cast.refunds.pk}"' in form
    assert f'value="user:{cast.alice.pk}"' not in form
    said = {"to": f"user:{cast.bob.pk}", "summary": "Photo received."}
    assert client.post(url("handover", ticket.pk), said).status_code == 204
    assert (assignee(ticket), Handover.objects.get().summary) == (cast.bob, "Photo received.")


@pytest.mark.parametrize("to", ["", "user:", "user:x", "queue:999999", "planet:3"])
def test_handing_over_to_nobody_keeps_what_was_written(client, cast, to):
    answer = at_desk(client, cast.alice).post(
        url("handover", mail(cast).pk), {"to": to, "summary": "Photo received."}
    )
    assert answer.status_code in (400, 404)
    assert "Photo received." in answer.content.decode()
    assert answer["X-Desk-Swap"] == "1"

"""From what providers tell to a call, its place and what follows."""

# mypy: disable-error-code="union-attr"

from datetime import timedelta

import pytest

from tests import make
from tests.tickets.channels.phone.told import incoming, outgoing, send
from tickets.channels.phone import sweeps
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import claims, correction
from tickets.models import Call, Customer, Event, Identity, Message, Ticket
from tickets.promises import callbacks, promises
from tickets.promises.promises import Estimate

NUMBER = "+33612345678"


@pytest.fixture
def dana(cast):
    """Dana with a number of her own, and one active ticket."""
    called(cast.dana)
    return cast.dana


@pytest.fixture
def ticket(cast, dana):
    ticket = make.ticket(cast.web, dana, now=database_now() - timedelta(days=1))
    claims.add_claim(ticket, "phone", NUMBER, by=cast.acting("bob"), now=database_now())
    return ticket


def called(customer):
    """Let a customer have called from the number before."""
    now = database_now()
    Identity.objects.create(customer=customer, kind="phone", value=NUMBER, created_at=now, verified_at=now)


def kinds(ticket):
    return list(Event.objects.filter(ticket=ticket).order_by("id").values_list("kind", flat=True))


def at(seconds):
    return (database_now() + timedelta(seconds=seconds)).isoformat()


def test_missed_call_is_waiting_work(cast):
    send(cast.phone, incoming("call.missed"))
    ticket, call = Ticket.objects.get(), Call.objects.get()
    assert (ticket.state, ticket.waits_on, ticket.channel) == ("new", "us", cast.phone)
    assert ticket.subject == "Missed call from +33 6 12 34 56 78"
    assert (call.result, call.customer_number, call.ticket) == ("missed", NUMBER, ticket)
    assert call.message.text == "Missed call"
    assert call.contact.is_live
    assert call.contact.ended_at is not None


def test_missed_call_is_promised_an_answer(cast, monkeypatch):
    now = database_now()
    soon = Estimate(now, now + timedelta(hours=1))
    monkeypatch.setattr(promises, "_estimators", [lambda *_args, **_kw: soon])
    send(cast.phone, incoming("call.started"))
    send(cast.phone, incoming("call.missed"))
    assert Ticket.objects.get().promises.get().kind == "answer"


def test_answered_call_makes_no_promise(cast, monkeypatch):
    now = database_now()
    soon = Estimate(now, now + timedelta(hours=1))
    monkeypatch.setattr(promises, "_estimators", [lambda *_args, **_kw: soon])
    send(cast.phone, incoming("call.answered", agent="bob@demo.example"))
    assert not Ticket.objects.get().promises.exists()


def test_ringing_call_has_a_row_and_no_ticket_yet(cast):
    response = send(cast.phone, incoming("call.started"))
    assert (response.json()["status"], response.json()["why"]) == ("ignored", "still_ringing")
    assert Call.objects.get().result == "ringing"
    assert not Ticket.objects.exists()


def test_events_of_one_call_are_one_call_and_one_line(cast):
    for news, second in (("started", 0), ("answered", 10), ("ended", 250)):
        send(cast.phone, incoming(f"call.{news}", at=at(second), agent="bob@demo.example"))
    call = Call.objects.get()
    assert (call.result, call.talk_seconds, call.agent) == ("answered", 240, cast.bob)
    assert [m.text for m in Message.objects.all()] == ["Call, 4 min"]
    assert Ticket.objects.get().contacts.count() == 1


@pytest.mark.parametrize("order", [(2, 1, 0), (1, 0, 2), (2, 0, 1), (0, 2, 1)])
def test_events_may_arrive_in_any_order(cast, order):
    told = [
        incoming(f"call.{news}", at=at(second), agent=agent)
        for news, second, agent in (
            ("started", 0, ""),
            ("answered", 10, "bob@demo.example"),
            ("ended", 130, ""),
        )
    ]
    for place in order:
        send(cast.phone, told[place])
    call = Call.objects.get()
    assert (call.result, call.talk_seconds) == ("answered", 120)
    assert call.message.text == "Call, 2 min"


def test_summary_alone_is_enough(cast):
    send(
        cast.phone,
        incoming(
            "call",
            result="answered",
            started_at=at(-300),
            ended_at=at(0),
            duration=240,
            agent="bob@demo.example",
        ),
    )
    call = Call.objects.get()
    assert (call.result, call.talk_seconds, call.agent) == ("answered", 240, cast.bob)


def test_answered_call_is_the_first_response_and_asks_for_its_agent(cast):
    send(cast.phone, incoming("call.answered", agent="bob@demo.example"))
    ticket = Ticket.objects.get()
    wish = Event.objects.get(kind="assignment.wanted")
    assert ticket.first_response_at is not None
    assert ticket.waiting_since is None
    assert wish.data == {"user": cast.bob.pk, "reason": "answered_call"}


def test_extension_means_its_agent(cast):
    cast.phone.options = {"extensions": {"201": "alice@demo.example"}}
    cast.phone.save()
    send(cast.phone, incoming("call.answered", agent="201"))
    assert Call.objects.get().agent == cast.alice


def test_call_is_logged_once_with_how_it_went(cast):
    for news, second in (("answered", 0), ("ended", 60), ("noted", 61)):
        send(cast.phone, incoming(f"call.{news}", at=at(second), agent="bob@demo.example"))
    logged = Event.objects.get(kind="call.logged")
    call = Call.objects.get()
    assert logged.data == {"call": call.pk, "direction": "in", "result": "answered", "talk_seconds": 60}
    assert kinds(call.ticket).count("contact.start") == kinds(call.ticket).count("contact.end") == 1


def test_voicemail_shows_what_was_said(cast):
    send(cast.phone, incoming("call.missed", at=at(0)))
    send(cast.phone, incoming("call.voicemail", at=at(30), transcript="Please call me back."))
    send(cast.phone, incoming("call.ended", at=at(31)))
    assert Message.objects.get().text == "Voicemail\n\nPlease call me back."
    assert Call.objects.get().result == "voicemail"


def test_call_of_a_customer_with_one_active_ticket_joins_it(cast, ticket):
    response = send(cast.phone, incoming("call.answered", agent="bob@demo.example"))
    message = ticket.messages.order_by("seq").last()
    assert (response.json()["status"], response.json()["why"]) == ("attached", "open_ticket_of_caller")
    assert (message.thread_layer, message.author_customer) == ("open_ticket_of_caller", cast.dana)


def test_call_wakes_a_pending_ticket(cast, ticket):
    replies.reply(ticket, Words("Send a photo."), by=cast.acting("alice"), now=database_now())
    send(cast.phone, incoming("call.missed"))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.waits_on) == ("open", "us")


def test_call_of_a_customer_with_two_active_tickets_opens_a_third(cast, ticket):
    make.ticket(cast.web, cast.dana, subject="Another matter", now=database_now())
    assert send(cast.phone, incoming("call.missed")).json()["status"] == "opened"
    assert Ticket.objects.filter(customer=cast.dana).count() == 3


def test_call_does_not_join_a_ticket_that_nobody_touched_for_long(cast, dana):
    make.ticket(cast.web, dana, now=database_now() - timedelta(days=100))
    Ticket.objects.update(updated_at=database_now() - timedelta(days=100))
    assert send(cast.phone, incoming("call.missed")).json()["status"] == "opened"


def test_shared_number_is_never_guessed(cast, ticket):
    called(cast.emile)
    send(cast.phone, incoming("call.missed"))
    newer = Ticket.objects.exclude(pk=ticket.pk).get()
    assert newer.customer not in (cast.dana, cast.emile)
    assert newer.messages.get().facts["candidates"] == [cast.dana.pk, cast.emile.pk]


def test_agent_says_who_called_and_the_call_follows(cast, dana):
    called(cast.emile)
    send(cast.phone, incoming("call.missed"))
    ticket = Ticket.objects.get()
    correction.set_customer(ticket, cast.emile, by=cast.acting("bob"), now=database_now())
    send(cast.phone, incoming("call.voicemail"))
    assert Call.objects.get().customer == cast.emile
    assert Ticket.objects.get().customer == cast.emile


def test_withheld_numbers_are_different_people(cast):
    send(cast.phone, incoming("call.missed", call_id="c1", number="anonymous"))
    send(cast.phone, incoming("call.missed", call_id="c2", number="anonymous"))
    assert (
        Ticket.objects.count() == Customer.objects.exclude(pk__in=[cast.dana.pk, cast.emile.pk]).count() == 2
    )
    assert {call.customer_number for call in Call.objects.all()} == {""}
    assert Ticket.objects.first().subject == "Missed call from a withheld number"


def test_number_without_its_country_is_the_same_person(cast, dana):
    cast.phone.language = "fr"
    cast.phone.save()
    send(cast.phone, incoming("call.missed", number="06 12 34 56 78"))
    assert Call.objects.get().customer == cast.dana


def test_a_call_proves_the_number_and_one_of_ours_does_not(cast):
    send(cast.phone, outgoing("call.missed", call_id="c1"))
    assert not Identity.objects.proved().filter(value=NUMBER).exists()
    send(cast.phone, incoming("call.missed", call_id="c2"))
    assert Identity.objects.proved().get(value=NUMBER).customer == Ticket.objects.get().customer


def test_outgoing_call_stands_on_the_customers_ticket(cast, ticket):
    send(cast.phone, outgoing("call.answered", agent="bob@demo.example", at=at(0)))
    send(cast.phone, outgoing("call.ended", at=at(120)))
    call = Call.objects.get()
    ticket.refresh_from_db()
    assert (call.ticket, call.direction, call.agent, call.talk_seconds) == (ticket, "out", cast.bob, 120)
    assert ticket.waiting_since is None
    assert ticket.messages.count() == 1


def test_outgoing_call_without_a_ticket_is_kept(cast, dana):
    response = send(cast.phone, outgoing("call.missed"))
    assert (response.json()["status"], response.json()["ticket"]) == ("attached", None)
    assert Call.objects.get().customer == cast.dana
    assert not Ticket.objects.exists()


def test_our_call_fulfils_the_callback(cast, ticket):
    now = database_now()
    by = cast.acting("dana")
    callback = callbacks.request_callback(
        ticket, NUMBER, from_at=now, until_at=now + timedelta(hours=2), by=by, now=now
    )
    send(cast.phone, outgoing("call.answered", agent="bob@demo.example"))
    callback.refresh_from_db()
    assert callback.state == "done"
    assert ticket.promises.get(kind="callback").kept_at is not None


def test_our_try_keeps_the_promise_but_the_customer_still_waits(cast, ticket):
    now = database_now()
    by = cast.acting("dana")
    callback = callbacks.request_callback(
        ticket, NUMBER, from_at=now, until_at=now + timedelta(hours=2), by=by, now=now
    )
    send(cast.phone, outgoing("call.missed", agent="bob@demo.example"))
    callback.refresh_from_db()
    assert callback.state == "waiting"
    assert ticket.promises.get(kind="callback").kept_at is not None


def test_call_whose_end_was_never_told_is_missed_in_the_end(cast):
    send(cast.phone, incoming("call.started", at=at(-3600)))
    assert sweeps.end_lost(now=database_now()) == 1
    assert sweeps.end_lost(now=database_now()) == 0
    assert (Call.objects.get().result, Ticket.objects.get().state) == ("missed", "new")


def test_end_that_comes_late_after_all_corrects_it(cast):
    send(cast.phone, incoming("call.started", at=at(-3600)))
    sweeps.end_lost(now=database_now())
    send(
        cast.phone,
        incoming("call", result="answered", ended_at=at(-3000), duration=300, agent="bob@demo.example"),
    )
    call = Call.objects.get()
    assert (call.result, call.message.text) == ("answered", "Call, 5 min")
    assert Ticket.objects.count() == 1


def test_recording_is_kept_only_from_a_safe_address(cast):
    send(cast.phone, incoming("call.missed", recording_url="javascript:alert(1)"))
    assert Call.objects.get().recording_url == ""
    send(cast.phone, incoming("call.noted", recording_url="https://pbx.example/1.mp3"))
    assert Call.objects.get().recording_url == "https://pbx.example/1.mp3"


def test_note_of_the_exchange_is_not_in_what_the_customer_reads(cast):
    send(cast.phone, incoming("call.answered", note="CANARY difficult", agent="bob@demo.example"))
    call = Call.objects.get()
    public = call.ticket.messages.exclude(kind="note")
    assert "CANARY" not in "".join(message.text for message in public)
    assert call.ticket.messages.get(kind="note").text == "CANARY difficult"

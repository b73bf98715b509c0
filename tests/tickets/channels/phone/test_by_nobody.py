"""A call that a queue, a menu or an answering machine took, and no agent, was missed."""

import pytest

from tests.tickets.channels.phone import test_asterisk, test_twilio
from tests.tickets.channels.phone.told import incoming, outgoing, send
from tickets.models import Call, Ticket

BOB = "bob@demo.example"
asterisk, twilio = test_asterisk.phone, test_twilio.phone


def result():
    return Call.objects.get().result


@pytest.mark.parametrize(
    "taken_by",
    [
        {},
        {"agent": "queue"},
        {"agent": "ivr"},
        {"agent": "sip:queue@pbx.example"},
        {"answered_by": "queue"},
        {"answered_by": "ivr", "agent": "201"},
    ],
)
def test_own_form_answered_by_no_agent_is_missed(cast, taken_by):
    send(cast.phone, incoming("call.started", at="2026-11-30T10:00:00Z"))
    send(cast.phone, incoming("call.answered", at="2026-11-30T10:00:02Z", **taken_by))
    assert not Ticket.objects.exists()
    send(cast.phone, incoming("call.ended", at="2026-11-30T10:03:00Z", duration=178))
    assert (result(), Ticket.objects.get().waits_on) == ("missed", "us")


@pytest.mark.parametrize("taken_by", [{"agent": BOB}, {"agent": "201"}, {"answered_by": "agent"}])
def test_own_form_answered_by_an_agent_is_answered(cast, taken_by):
    send(cast.phone, incoming("call", result="answered", duration=60, **taken_by))
    assert result() == "answered"


def test_extension_that_is_no_agents_is_a_queue_where_extensions_are_listed(cast):
    cast.phone.options = {"extensions": {"201": BOB}}
    cast.phone.save()
    send(cast.phone, incoming("call", result="answered", duration=60, agent="600"))
    assert result() == "missed"


def test_agent_who_takes_it_out_of_the_queue_answers_then(cast):
    send(cast.phone, incoming("call.answered", at="2026-11-30T10:00:02Z", agent="queue"))
    send(cast.phone, incoming("call.answered", at="2026-11-30T10:05:00Z", agent=BOB))
    send(cast.phone, incoming("call.ended", at="2026-11-30T10:06:00Z"))
    call = Call.objects.get()
    assert (call.result, call.agent, call.talk_seconds) == ("answered", cast.bob, 60)


def test_phone_that_rang_out_leaves_the_caller_in_the_queue(cast):
    send(cast.phone, incoming("call.answered", at="2026-11-30T10:00:02Z", agent="queue"))
    send(cast.phone, incoming("call.missed", at="2026-11-30T10:00:30Z", agent=BOB))
    assert (result(), Ticket.objects.count()) == ("ringing", 0)


def test_summary_without_an_agent_is_missed(cast):
    send(cast.phone, incoming("call", result="answered", duration=60))
    assert Ticket.objects.get().subject.startswith("Missed call")


def test_our_own_call_is_answered_by_the_customer(cast):
    send(cast.phone, outgoing("call", result="answered", duration=60))
    assert result() == "answered"


@pytest.mark.parametrize(
    "end",
    [
        {"CallStatus": "completed", "CallDuration": "95"},
        {"CallStatus": "completed", "QueueResult": "hangup", "QueueTime": "90"},
        {"CallStatus": "completed", "DialCallStatus": "completed", "DialBridged": "false"},
    ],
)
def test_twilio_that_only_played_or_queued_is_missed(twilio, end):
    test_twilio.send(twilio, CallStatus="in-progress")
    test_twilio.send(twilio, **end)
    assert result() == "missed"


@pytest.mark.parametrize("machine", ["machine_start", "machine_end_beep", "fax"])
def test_twilio_leg_that_a_machine_took_is_missed(twilio, machine):
    test_twilio.leg(twilio, "completed", CallDuration="20", AnsweredBy=machine)
    assert result() == "missed"


def test_twilio_bridged_out_of_the_queue_is_answered(twilio):
    test_twilio.send(twilio, CallStatus="in-progress", QueueResult="bridged", QueueTime="40")
    test_twilio.send(twilio, CallStatus="completed", CallDuration="95")
    assert result() == "answered"


@pytest.mark.parametrize(
    ("application", "channel", "outcome"),
    [
        ("Queue", "", "missed"),
        ("Background", "", "missed"),
        ("Queue", "Local/600@from-queue-0001", "missed"),
        ("Queue", "Local/201@from-queue-0001", "answered"),
        ("Queue", "PJSIP/201-0001", "answered"),
        ("Dial", "PJSIP/trunk-0001", "answered"),
    ],
)
def test_asterisk_record_is_answered_by_whose_phone_took_it(asterisk, application, channel, outcome):
    send(asterisk, {**test_asterisk.CDR, "LastApplication": application, "DestinationChannel": channel})
    assert result() == outcome

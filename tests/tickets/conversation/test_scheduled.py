"""Replies that are not sent yet: withdrawn, scheduled, or stopped by the customer's message."""

from datetime import timedelta

import pytest

from tests import make
from tests.routing.scene import chat
from tickets.conversation import replies, scheduled
from tickets.conversation.replies import Words
from tickets.delivery import outbox
from tickets.errors import Invalid
from tickets.models import Draft, Event, Message, Outbound

UNDO = timedelta(seconds=15)


@pytest.fixture
def ticket(cast):
    return make.ticket(cast.web, cast.dana)


def reply(ticket, cast, now, **how):
    return replies.reply(ticket, Words("It leaves today."), by=cast.acting("alice"), now=now, **how)


def test_a_reply_waits_so_long_as_it_can_be_taken_back(ticket, cast, now):
    outbound = reply(ticket, cast, now, undo=UNDO).outbounds.get()
    assert outbound.state == "held"
    assert outbox.deliver(outbound.pk, now=now + timedelta(seconds=14)) is None
    assert outbox.deliver(outbound.pk, now=now + UNDO).state == "sent"


def test_the_customer_does_not_see_what_may_be_taken_back(ticket, cast, now):
    message = reply(ticket, cast, now, undo=UNDO)
    seen = Message.objects.visible_to(cast.acting("dana")).filter(pk=message.pk)
    assert not seen.exists()
    outbox.deliver(message.outbounds.get().pk, now=now + UNDO)
    assert seen.exists()


def test_taken_back_it_is_a_draft_and_the_ticket_waits_on_us_again(ticket, cast, now):
    since = ticket.waiting_since
    message = reply(ticket, cast, now, undo=UNDO, then="solved")
    scheduled.withdraw_reply(message, by=cast.acting("alice"), now=now + timedelta(seconds=3))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.waiting_since, ticket.first_response_at) == ("open", since, None)
    assert Draft.objects.get(ticket=ticket, user=cast.alice).text == "It leaves today."
    assert outbox.deliver_due(now=now + timedelta(hours=1)) == 0 or not message.outbounds.exclude(
        state=Outbound.State.CANCELLED
    )
    assert Event.objects.filter(ticket=ticket, kind="message.withdrawn").count() == 1
    assert ticket.reopened_count == 0


def test_what_has_left_cannot_be_taken_back(ticket, cast, now):
    message = reply(ticket, cast, now, undo=UNDO)
    outbox.deliver(message.outbounds.get().pk, now=now + UNDO)
    with pytest.raises(scheduled.HasLeft):
        scheduled.withdraw_reply(message, by=cast.acting("alice"), now=now + UNDO)


def test_a_reply_for_later_is_no_answer_before_it_leaves(ticket, cast, now):
    tomorrow = now + timedelta(days=1)
    message = reply(ticket, cast, now, send_at=tomorrow, then="solved")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.first_response_at, message.outbounds.get().state) == (
        "new",
        None,
        "scheduled",
    )
    outbox.deliver_due(now=tomorrow)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.first_response_at) == ("solved", tomorrow)


def test_the_customer_who_writes_first_stops_it(ticket, cast, now):
    message = reply(ticket, cast, now, send_at=now + timedelta(days=1))
    make.customer_message(ticket, "It has arrived after all.", now=now + timedelta(hours=1))
    assert message.outbounds.get().state == "cancelled"
    assert Draft.objects.get(ticket=ticket).text == "It leaves today."


@pytest.mark.parametrize("when", [timedelta(0), timedelta(days=-1), timedelta(days=400)])
def test_later_means_later_and_within_a_year(ticket, cast, now, when):
    with pytest.raises(Invalid):
        reply(ticket, cast, now, send_at=now + when)


def test_chat_cannot_be_scheduled_and_says_so(cast, now):
    ticket = chat(cast, cast.dana, now)
    ticket.channel = cast.chat
    ticket.save(update_fields=["channel"])
    with pytest.raises(Invalid) as refused:
        reply(ticket, cast, now, send_at=now + timedelta(days=1))
    assert refused.value.code == "send_at"
    assert not ticket.messages.filter(kind=Message.Kind.OUTBOUND).exists()

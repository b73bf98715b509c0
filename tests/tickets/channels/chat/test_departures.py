"""Visitors who leave: the contact ends, the question stays, the answer follows by mail."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from tests import make
from tests.tickets.channels.chat.visitors import SHOP
from tickets.channels.base import InboundMessage, Sender
from tickets.channels.chat import conversation, departures, session
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import correction
from tickets.delivery import outbox
from tickets.errors import Invalid
from tickets.intake import threading
from tickets.models import ChatSession, Identity, Outbound, Ticket

MINUTE = timedelta(minutes=1)


@pytest.fixture
def visit(cast, now):
    """Return a session in which something was said at noon."""
    opened, _token = session.open_session(cast.chat, origin=SHOP, page="", language="en", now=now)
    conversation.receive_message(opened.pk, uuid4(), "Where is my lamp?", now=now)
    return ChatSession.objects.select_related("ticket").get()


def reply(visit, cast, now, text="On its way"):
    ticket = Ticket.objects.get(pk=visit.ticket_id)
    message = replies.reply(ticket, Words(text), by=cast.acting("alice"), now=now)
    return Outbound.objects.get(message=message)


def say(visit, text, now):
    return conversation.receive_message(visit.pk, uuid4(), text, now=now)


def kinds(visit):
    return list(visit.ticket.events.order_by("id").values_list("kind", flat=True))


def test_a_minute_without_a_sign_ends_the_contact(visit, now):
    assert departures.record_departures(now + MINUTE) == 0
    assert departures.record_departures(now + 2 * MINUTE) == 1
    assert departures.record_departures(now + 3 * MINUTE) == 0
    contact = visit.ticket.contacts.get()
    assert contact.ended_at == now
    assert kinds(visit).count("chat.left") == kinds(visit).count("contact.end") == 1


def test_an_unanswered_question_keeps_waiting_on_us(visit, now):
    departures.record_departures(now + 2 * MINUTE)
    departures.end_silent_chats(now + 40 * MINUTE)
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.waits_on, ticket.waiting_since) == ("new", "us", now)


def test_the_next_word_after_a_return_is_a_new_contact(visit, now):
    departures.record_departures(now + 2 * MINUTE)
    session.mark_connected([visit.pk], now=now + 5 * MINUTE)
    say(visit, "Me again", now + 5 * MINUTE)
    assert visit.ticket.contacts.count() == 2
    assert kinds(visit).count("chat.opened") == 2
    assert Ticket.objects.count() == 1


def test_half_an_hour_of_silence_ends_an_answered_chat(visit, cast, now):
    reply(visit, cast, now + MINUTE)
    session.mark_connected([visit.pk], now=now + 29 * MINUTE)
    assert departures.end_silent_chats(now + 30 * MINUTE) == 0
    assert departures.end_silent_chats(now + 32 * MINUTE) == 1
    assert kinds(visit)[-2:] == ["contact.end", "chat.ended"]
    assert departures.end_silent_chats(now + 33 * MINUTE) == 0


def test_waiting_for_our_answer_is_no_silence(visit, now):
    session.mark_connected([visit.pk], now=now + 50 * MINUTE)
    assert departures.end_silent_chats(now + 50 * MINUTE) == 0


def test_a_reply_leaves_by_the_chat_while_the_visitor_is_there(visit, cast, now):
    outbound = reply(visit, cast, now)
    assert (outbound.channel, outbound.state) == (cast.chat, "held")
    assert outbound.next_attempt_at == now + 2 * MINUTE


def test_a_reply_that_was_seen_is_sent(visit, cast, now):
    outbound = reply(visit, cast, now)
    session.mark_seen(visit, 2, now=now)
    assert outbox.deliver_due(now=now) == 1
    outbound.refresh_from_db()
    assert (outbound.state, outbound.channel) == ("sent", cast.chat)


def test_an_unseen_reply_becomes_a_mail_of_the_same_ticket(visit, cast, now):
    session.save_introduction(visit, name="Zoé", email="zoe@home.example", now=now)
    outbound = reply(visit, cast, now)
    outbox.deliver(outbound.pk, now=now + 2 * MINUTE)
    outbound.refresh_from_db()
    assert (outbound.channel, outbound.state) == (cast.mailbox, "queued")
    assert (outbound.to, outbound.ticket, outbound.attempts) == ("zoe@home.example", visit.ticket, 0)
    outbox.deliver(outbound.pk, now=now + 2 * MINUTE)
    outbound.refresh_from_db()
    assert outbound.state == "sent"


def test_an_unseen_reply_without_an_address_waits_and_comes_back_as_work(visit, cast, now):
    outbound = reply(visit, cast, now)
    outbox.deliver(outbound.pk, now=now + 2 * MINUTE)
    outbound.refresh_from_db()
    assert outbound.state == "deferred"
    outbox.deliver(outbound.pk, now=now + timedelta(days=8))
    outbound.refresh_from_db()
    assert outbound.state == "failed"
    assert Ticket.objects.get().state == "open"


def test_a_deferred_reply_is_sent_once_the_visitor_returns_and_looks(visit, cast, now):
    outbound = reply(visit, cast, now)
    outbox.deliver(outbound.pk, now=now + 2 * MINUTE)
    session.mark_seen(visit, 2, now=now + timedelta(days=3))
    outbox.deliver_due(now=now + timedelta(days=3))
    outbound.refresh_from_db()
    assert outbound.state == "sent"


def test_leaving_sends_what_was_not_seen_at_once(visit, cast, now):
    session.save_introduction(visit, name="", email="zoe@home.example", now=now)
    outbound = reply(visit, cast, now + timedelta(seconds=90))
    departures.record_departures(now + timedelta(seconds=91))
    outbound.refresh_from_db()
    assert outbound.next_attempt_at == now + timedelta(seconds=91)


def test_leaving_unanswered_is_acknowledged_by_mail_once(visit, now):
    session.save_introduction(visit, name="", email="zoe@home.example", now=now)
    departures.record_departures(now + 2 * MINUTE)
    departures.end_silent_chats(now + 40 * MINUTE)
    thanks = Outbound.objects.get(kind="ack")
    assert (thanks.to, thanks.ticket) == ("zoe@home.example", visit.ticket)


def test_after_leaving_with_an_address_replies_go_by_mail(visit, cast, now):
    session.save_introduction(visit, name="", email="zoe@home.example", now=now)
    departures.record_departures(now + 2 * MINUTE)
    outbound = reply(visit, cast, now + 10 * MINUTE)
    assert (outbound.channel, outbound.to) == (cast.mailbox, "zoe@home.example")


def test_after_leaving_without_an_address_replies_wait_in_the_chat(visit, cast):
    now = visit.last_seen_at
    ChatSession.objects.update(left_at=now, last_seen_at=Now())
    assert reply(visit, cast, now).channel == cast.chat
    ChatSession.objects.update(last_seen_at=Now() - timedelta(days=8))
    with pytest.raises(Invalid) as refused:
        reply(visit, cast, now)
    assert refused.value.code == "no_address"


def test_a_typed_address_of_somebody_else_gives_no_history(visit, cast, now):
    session.save_introduction(visit, name="Mallory", email="dana@petit.example", now=now)
    ticket = Ticket.objects.get()
    assert ticket.customer != cast.dana
    assert session.find_answer_address(ticket) == "dana@petit.example"
    claim = Identity.objects.claims().get(value="dana@petit.example")
    assert (claim.customer, claim.ticket) == (ticket.customer, ticket)


def test_mails_on_the_ticket_never_appear_in_the_chat(visit, cast, now):
    session.save_introduction(visit, name="", email="dana@petit.example", now=now)
    departures.record_departures(now + 2 * MINUTE)
    reply(visit, cast, now + 3 * MINUTE, "By mail, for the address's owner only")
    seen = conversation.load_news(visit.pk, conversation="", after=0, now=now + 5 * MINUTE)
    assert [line["text"] for line in seen.lines] == ["Where is my lamp?"]
    assert seen.state["by_mail"] is True
    make.customer_message(Ticket.objects.get(), "The owner's private answer", now=now + 4 * MINUTE)
    assert conversation.load_news(visit.pk, conversation="", after=0, now=now + 5 * MINUTE).lines == []


def test_an_address_that_answers_by_mail_parts_the_visitor_from_the_ticket(visit, cast, now):
    ticket = visit.ticket
    session.save_introduction(visit, name="", email="dana@petit.example", now=now)
    make.customer_message(ticket, "It is me, by mail", now=now)
    ticket.refresh_from_db()
    assert ticket.customer == cast.dana
    other = say(visit, "And I am still in the chat", now).ticket
    assert other != ticket
    assert other.customer != cast.dana


def test_whoever_was_answered_at_an_address_may_answer_from_it(visit, cast, now):
    session.save_introduction(visit, name="", email="dana@petit.example", now=now)
    sender = Sender("email", "dana@petit.example", is_verified=True)
    mail = InboundMessage(sender, "Thanks", ticket_id=visit.ticket_id)
    match = threading.find_ticket(mail, cast.dana, channel=cast.mailbox, now=now)
    assert (match.verdict, match.claim) == ("append", visit.ticket.participants.get())
    other = InboundMessage(
        Sender("email", "emile@moreau.example", is_verified=True), "Thanks", ticket_id=visit.ticket_id
    )
    assert threading.find_ticket(other, cast.emile, channel=cast.mailbox, now=now).verdict == "hold"


def test_an_address_an_agent_knows_is_not_replaced_by_a_typed_one(visit, cast, now):
    correction.set_customer(Ticket.objects.get(), cast.dana, by=cast.acting("alice"), now=now)
    session.save_introduction(visit, name="", email="mallory@elsewhere.example", now=now)
    assert session.find_answer_address(Ticket.objects.get()) == "dana@petit.example"
    say(visit, "Still me", now)
    assert {m.author_customer for m in visit.ticket.messages.all()} == {cast.dana}


def test_sessions_in_which_nothing_was_said_are_forgotten(cast, visit, now):
    session.open_session(cast.chat, origin=SHOP, page="", language="en", now=now)
    assert departures.delete_unused_sessions(now + timedelta(days=1)) == 0
    assert departures.delete_unused_sessions(now + timedelta(days=3)) == 1
    assert ChatSession.objects.get() == visit


def test_a_merged_ticket_takes_its_chat_along_without_its_history(visit, cast, now):
    other = make.ticket(cast.web, cast.dana, "Dana's own affair")
    Ticket.objects.filter(pk=visit.ticket_id).update(merged_into=other)
    assert session.accepts_replies(other)
    outcome = say(visit, "And my lamp?", now)
    assert outcome.ticket == other
    seen = conversation.load_news(visit.pk, conversation=visit.ticket.public_id, after=1, now=now)
    assert seen.conversation == other.public_id
    assert "Dana's own affair" not in [line["text"] for line in seen.lines]


def test_a_reply_that_waits_in_the_chat_goes_to_whom_it_was_written(visit, cast, now):
    make.ticket(cast.web, cast.dana)
    session.save_introduction(visit, name="", email="tess@else.example", now=now)
    row = reply(visit, cast, now)
    ticket = Ticket.objects.get(pk=visit.ticket_id)
    correction.set_customer(ticket, cast.dana, by=cast.acting("alice"), now=now + MINUTE)
    departures.record_departures(now + 5 * MINUTE)
    outbox.deliver(row.pk, now=now + 5 * MINUTE)
    row.refresh_from_db()
    assert row.to == "tess@else.example"
    again = replies.reply(ticket, Words("And again"), by=cast.acting("alice"), now=now + 6 * MINUTE)
    assert again.outbounds.get().to == "dana@petit.example"

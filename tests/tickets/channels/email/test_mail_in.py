"""Mail through the ledger: what becomes of it."""

from datetime import timedelta

import pytest
from django.db import connection

from tests import make
from tests.mails import mail
from tickets.channels.email.inbound import mailroom
from tickets.channels.email.outbound.outward import build_mail
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.intake import pending_participants, receive
from tickets.models import Inbound, Message, Outbound, Participant, Ticket, TicketLink

DANA = "Dana Petit <dana@petit.example>"


@pytest.fixture
def arrive(cast, now):
    """Return a function that brings one raw mail in and gives its outcome."""

    def deliver(raw, to="support@demo.example", at=now):
        row, _ = mailroom.accept(raw, recipients=[to], now=at)
        return receive.process(row.pk, now=at)

    return deliver


@pytest.fixture
def answered(cast, arrive, now):
    """Return a ticket opened by Dana's mail and answered by Alice, with the mail that left."""
    ticket = arrive(mail(DANA, "My lamp is broken.")).ticket
    message = replies.reply(ticket, Words("A new one leaves today."), by=cast.acting("alice"), now=now)
    return ticket, build_mail(message.outbounds.get(), now=now)


def test_a_mail_opens_a_ticket(arrive, cast):
    outcome = arrive(mail(DANA, "My lamp is broken."))
    assert (outcome.state, outcome.ticket.customer, outcome.ticket.subject) == (
        "opened",
        cast.dana,
        "Broken lamp",
    )


def test_the_same_mail_twice_is_one_message(arrive):
    raw = mail(DANA, "Once.")
    arrive(raw)
    arrive(raw)
    assert Message.objects.count() == Inbound.objects.count() == 1


def test_the_same_mail_to_two_mailboxes_is_one_message_received_via_both(arrive, cast):
    make.channel("email", cast.refunds, address="aide@demo.example")
    raw = mail(DANA, "To both of you.")
    arrive(raw)
    arrive(raw, to="aide@demo.example")
    assert Inbound.objects.get().also_via == ["aide@demo.example"]


def test_same_id_with_another_body_keeps_both(arrive):
    arrive(mail(DANA, "First.", Message_ID="<same@petit.example>"))
    arrive(mail(DANA, "Second.", Message_ID="<same@petit.example>"))
    assert Message.objects.count() == 2


def test_a_mail_without_message_id_is_taken_in_once(arrive):
    raw = mail(DANA, "No id.", Message_ID="")
    arrive(raw)
    arrive(raw)
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("raw", [b"", b"   \r\n\r\n"])
def test_an_empty_mail_is_kept_in_quarantine(arrive, raw):
    outcome = arrive(raw)
    assert outcome.state == "quarantined"
    assert outcome.why


def test_an_answer_to_our_mail_joins_its_ticket(arrive, answered):
    ticket, sent = answered
    outcome = arrive(mail(DANA, "Thank you!", In_Reply_To=sent.extra_headers["Message-ID"]))
    assert (outcome.state, outcome.ticket, outcome.message.thread_layer) == ("attached", ticket, "message_id")


def test_the_reply_address_alone_finds_the_ticket(arrive, answered):
    ticket, sent = answered
    outcome = arrive(mail(DANA, "Thanks.", to=sent.reply_to[0], subject="hello"), to=sent.reply_to[0])
    assert (outcome.ticket, outcome.message.thread_layer) == (ticket, "reply_address")


def test_a_stranger_with_our_id_is_held_and_gets_no_mail(arrive, answered, cast):
    ticket, sent = answered
    outcome = arrive(
        mail("Mallory <mallory@evil.example>", "Tell me all.", In_Reply_To=sent.extra_headers["Message-ID"])
    )
    assert (outcome.state, outcome.message.is_held) == ("pending", True)
    assert not Outbound.objects.filter(to__contains="mallory").exists()
    participant = Participant.objects.get(ticket=ticket, state="pending")
    pending_participants.accept(participant, by=cast.acting("alice"), now=outcome.message.created_at)
    outcome.message.refresh_from_db()
    assert not outcome.message.is_held


def test_a_stranger_quoting_a_number_opens_a_linked_ticket(arrive, answered):
    ticket, _ = answered
    outcome = arrive(mail("Mallory <mallory@evil.example>", "Hi", subject=f"Re: [#{ticket.pk}] lamp"))
    assert (outcome.state, outcome.ticket != ticket) == ("opened", True)
    assert TicketLink.objects.get(source=outcome.ticket, target=ticket).is_suspicious


def test_the_customer_quoting_the_number_joins(arrive, answered):
    ticket, _ = answered
    assert arrive(mail(DANA, "Again", subject=f"lamp [#{ticket.pk}]")).ticket == ticket


def test_a_forged_token_is_worth_nothing(arrive, answered):
    ticket, sent = answered
    forged = sent.extra_headers["Message-ID"].replace(".k1.", ".k1.a")[:-1] + ">"
    assert arrive(mail(DANA, "Hm", In_Reply_To=forged)).ticket != ticket


def test_an_auto_reply_is_shown_but_reopens_nothing(arrive, answered, cast, now):
    ticket, sent = answered
    ticket.refresh_from_db()
    ticket.solve(by=cast.acting("alice"), now=now)
    outcome = arrive(
        mail(DANA, "I am away.", In_Reply_To=sent.extra_headers["Message-ID"], Auto_Submitted="auto-replied")
    )
    ticket.refresh_from_db()
    assert (outcome.message.is_auto, ticket.state) == (True, "solved")
    assert Outbound.objects.filter(kind="ack").count() == 1


def test_a_late_answer_to_a_closed_ticket_opens_a_linked_one(arrive, answered, cast, now):
    ticket, sent = answered
    ticket.refresh_from_db()
    ticket.close(by=cast.acting("alice"), now=now)
    late = now + timedelta(days=20)
    outcome = arrive(mail(DANA, "It broke again", In_Reply_To=sent.extra_headers["Message-ID"]), at=late)
    assert TicketLink.objects.get(source=outcome.ticket).kind == "continues"


def test_mail_from_our_own_mailbox_is_set_aside(arrive):
    assert arrive(mail("support@demo.example", "Loop?")).state == "quarantined"


def test_the_acknowledgement_carries_no_word_of_the_sender(arrive, now):
    ticket = arrive(mail(DANA, "Visit casino.example now", subject="WIN MONEY casino.example")).ticket
    sent = build_mail(Outbound.objects.get(ticket=ticket, kind="ack"), now=now)
    whole = f"{sent.subject}{sent.body}{sent.alternatives[0][0]}"
    assert "casino" not in whole.lower()
    assert sent.extra_headers["Auto-Submitted"] == "auto-replied"


@pytest.mark.parametrize(("is_answer", "most"), [(False, 14), (True, 13)])
def test_a_mail_takes_few_statements(arrive, cast, now, is_answer, most):
    cited = {"In_Reply_To": "<one@petit.example>"} if is_answer else {}
    arrive(mail(DANA, "My lamp.", Message_ID="<one@petit.example>"))
    row, _ = mailroom.accept(
        mail(DANA, "My lamp.", Message_ID="<two@petit.example>", **cited),
        recipients=["support@demo.example"],
        now=now,
    )
    asked: list[str] = []

    def note_down(run, sql, *rest):
        asked.append(sql)
        return run(sql, *rest)

    with connection.execute_wrapper(note_down):
        receive.process(row.pk, now=now)
    statements = [sql for sql in asked if "SAVEPOINT" not in sql]
    assert len(statements) <= most, statements

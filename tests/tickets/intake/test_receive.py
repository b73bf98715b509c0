"""Intake, through the adapter of the web form."""

from datetime import timedelta

from tests import make
from tickets.channels.web.adapter import build_document
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.intake import ledger, receive
from tickets.models import Event, Inbound, Outbound, Ticket


def kinds(ticket):
    return list(Event.objects.filter(ticket=ticket).order_by("id").values_list("kind", flat=True))


def test_first_word_opens_a_ticket_with_all_its_rows(cast, now):
    ticket = make.ticket(cast.web, cast.dana)
    assert ticket.state == "new"
    assert ticket.waits_on == "us" or Ticket.objects.get(pk=ticket.pk).waits_on == "us"
    assert [m.text for m in ticket.messages.all()] == ["My lamp arrived broken."]
    assert ticket.contacts.count() == ticket.participants.count() == 1
    assert kinds(ticket)[:4] == ["ticket.created", "queue.entered", "contact.start", "message.in"]
    assert Inbound.objects.get(ticket=ticket).state == "opened"


def test_a_second_post_of_the_same_form_is_the_same_ticket(cast, now):
    raw = build_document({"email": "new@person.example", "subject": "Hello", "text": "Is anybody there?"})
    first = receive.receive(cast.web, raw, source_key="form-1", now=now)
    second = receive.receive(cast.web, raw, source_key="form-1", now=now)
    assert first.ticket == second.ticket
    assert Ticket.objects.count() == 1


def test_an_unreadable_thing_is_kept_in_quarantine(cast, now):
    outcome = receive.receive(cast.web, b"\xff not json", source_key="broken", now=now)
    assert outcome.state == "quarantined"
    assert bytes(Inbound.objects.needing_attention().get().raw.data) == b"\xff not json"


def test_a_quarantined_row_can_be_retried(cast, now):
    receive.receive(cast.web, b"\xff", source_key="broken", now=now)
    row = Inbound.objects.get()
    ledger.retry(row, by=cast.acting("carol"), now=now)
    assert receive.process_due(now=now) == 1
    assert Inbound.objects.get().state == "quarantined"


def test_acknowledgement_is_queued_once(cast, now):
    ticket = make.ticket(cast.web, cast.dana)
    make.customer_message(ticket)
    assert Outbound.objects.filter(ticket=ticket, kind="ack").count() == 1


def test_reply_reaches_the_outbox_and_ends_the_contact(cast, now):
    ticket = make.ticket(cast.web, cast.dana)
    message = replies.reply(ticket, Words("We send a new one."), by=cast.acting("alice"), now=now)
    ticket.refresh_from_db()
    assert (message.seq, ticket.state, ticket.waiting_since) == (2, "pending", None)
    assert Outbound.objects.get(message=message).to == "dana@petit.example"
    assert not ticket.contacts.filter(ended_at=None).exists()


def test_customers_answer_reopens_a_solved_ticket(cast, now):
    ticket = make.ticket(cast.web, cast.dana)
    replies.reply(ticket, Words("Done."), by=cast.acting("alice"), now=now, then="solved")
    make.customer_message(ticket, now=now + timedelta(days=1))
    assert ticket.state == "open"
    assert ticket.contacts.count() == 2
    assert "ticket.reopened" in kinds(ticket)


def test_messages_of_a_ticket_are_numbered_without_gaps(cast, now):
    ticket = make.ticket(cast.web, cast.dana)
    for _ in range(3):
        make.customer_message(ticket)
    assert list(ticket.messages.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4]

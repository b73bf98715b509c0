"""An agent corrects who the customer is: the next answer goes there, on every channel's ticket."""

# mypy: disable-error-code="union-attr"

from datetime import timedelta

import pytest

from tests import make
from tests.tickets.channels.phone.told import incoming, send
from tickets.channels.base import Copied
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import claims, correction, links
from tickets.customers.recipients import find_recipients
from tickets.delivery import outbox
from tickets.errors import NotFound
from tickets.intake import copies
from tickets.models import AccessLink, Event, Identity, Participant, Ticket

EMILE, DANA = "emile@moreau.example", "dana@petit.example"


@pytest.fixture
def alice(cast):
    """Alice, who knows Émile by a ticket of his."""
    make.ticket(cast.mailbox, cast.emile, "Émile's own matter")
    return cast.acting("alice")


def by_phone(cast):
    send(cast.phone, incoming("call.missed"))
    return Ticket.objects.latest("pk")


def by_api(cast):
    return make.ticket(make.channel("api", cast.orders), cast.dana)


WAYS = {
    "mail": lambda cast: make.ticket(cast.mailbox, cast.dana),
    "form": lambda cast: make.ticket(cast.web, cast.dana),
    "typed": lambda cast: make.typed_ticket(cast.web, "somebody@else.example"),
    "phone": by_phone,
    "api": by_api,
    "chat": lambda cast: make.ticket(cast.chat, cast.dana),
}


@pytest.fixture(params=WAYS)
def ticket(request, cast):
    return WAYS[request.param](cast)


def correct(ticket, customer, by, **more):
    return correction.set_customer(ticket, customer, by=by, now=database_now(), **more)


def reply(ticket, by):
    ticket.refresh_from_db()
    message = replies.reply(ticket, Words("Here it is."), by=by, now=database_now())
    return message.outbounds.get()


def test_next_answer_goes_to_the_corrected_customer(cast, ticket, alice):
    assert correct(ticket, cast.emile, alice)
    sent = reply(ticket, alice)
    assert (sent.to, sent.participant.customer, sent.cc) == (EMILE, cast.emile, [])


def test_what_is_queued_goes_where_it_was_written_to(cast, ticket, alice):
    ticket.participants.update(identity=cast.dana.identities.get(), customer=cast.dana)
    Ticket.objects.filter(pk=ticket.pk).update(customer=cast.dana)
    queued = reply(ticket, alice)
    correct(ticket, cast.emile, alice)
    outbox.deliver(queued.pk, now=database_now() + timedelta(minutes=5))
    queued.refresh_from_db()
    assert queued.to == DANA


def test_second_correction_to_the_same_is_no_news(cast, ticket, alice):
    correct(ticket, cast.emile, alice)
    assert not correct(ticket, cast.emile, alice)
    assert Event.objects.filter(kind="ticket.customer", ticket=ticket).count() == 1


def test_undone_it_is_as_it_was(cast, ticket, alice):
    before = state_of(ticket)
    correct(ticket, cast.emile, alice)
    assert state_of(ticket) != before
    assert correction.undo_change(ticket, by=alice, now=database_now())
    assert state_of(ticket) == before
    assert not correction.undo_change(ticket, by=alice, now=database_now())


def test_undoing_lets_nobody_in_who_was_left_out_meanwhile(cast, alice):
    ticket, now = make.ticket(cast.web, cast.dana), database_now()
    copies.add_copied_people(ticket, [Copied("paul@petit.example", "Paul")], by=alice, now=now)
    correct(ticket, cast.emile, alice)
    copies.remove_copied_person(ticket.participants.get(role="copy"), by=alice, now=now)
    assert correction.undo_change(ticket, by=alice, now=now)
    assert reply(ticket, alice).cc == []


def test_undoing_leaves_out_who_took_part_by_the_change_alone(cast, alice):
    ticket = make.ticket(cast.web, cast.dana)
    ticket.participants.all().delete()
    correct(ticket, cast.emile, alice)
    assert correction.undo_change(ticket, by=alice, now=database_now())
    assert EMILE not in find_recipients(ticket)[1:]
    assert not Participant.objects.accepted().filter(customer=cast.emile, ticket=ticket).exists()


def state_of(ticket):
    ticket.refresh_from_db()
    return (
        ticket.customer_id,
        list(Participant.objects.filter(ticket=ticket).values_list("customer", "identity", "state")),
        list(ticket.messages.values_list("author_customer", flat=True)),
        list(ticket.contacts.values_list("customer", flat=True)),
        list(ticket.calls.values_list("customer", flat=True)),
        find_recipients(ticket).address,
    )


def test_links_of_the_earlier_customer_end(cast, alice, now):
    ticket = make.ticket(cast.web, cast.dana)
    links.make_request_url(ticket.participants.get(), now=now)
    correct(ticket, cast.emile, alice)
    assert AccessLink.objects.get().revoked_at is not None


def test_the_link_stays_where_the_same_address_is_answered(cast, alice, now):
    ticket = make.typed_ticket(cast.web, "dana@petit.example", now=now)
    url = links.make_request_url(ticket.participants.get(), now=now)
    correct(ticket, cast.dana, alice)
    assert links.make_request_url(ticket.participants.get(), now=now) == url
    assert not AccessLink.objects.exclude(revoked_at=None).exists()


def test_customer_without_an_address_is_never_answered_at_the_earlier_ones(cast, alice):
    ticket = make.ticket(cast.web, cast.dana)
    stranger = make.customer("Nobody", "hidden@person.example")
    stranger.identities.all().delete()
    correct(ticket, stranger, alice)
    ticket.refresh_from_db()
    assert find_recipients(ticket).address == ""


def test_what_a_named_visitor_typed_stays_theirs(cast, alice):
    ticket = make.typed_ticket(cast.web, "typed@else.example", name="Tess")
    stranger = make.customer("Nobody", "hidden@person.example")
    stranger.identities.all().delete()
    correct(ticket, stranger, alice)
    ticket.refresh_from_db()
    assert find_recipients(ticket).address == ""


def test_somebody_in_copy_takes_the_place_and_the_earlier_one_leaves(cast, alice):
    ticket = make.ticket(cast.web, cast.dana)
    Participant.objects.create(
        ticket=ticket, customer=cast.emile, identity=cast.emile.identities.get(), created_at=database_now()
    )
    correct(ticket, cast.emile, alice)
    assert reply(ticket, alice).cc == []
    assert list(ticket.participants.order_by("pk").values_list("state", flat=True)) == ["refused", "accepted"]


def test_another_address_of_the_same_customer(cast, alice):
    ticket = make.ticket(cast.web, cast.dana)
    work = claims.add_claim(ticket, "email", "dana@work.example", by=alice, now=database_now())
    assert correct(ticket, cast.dana, alice, identity=work)
    assert reply(ticket, alice).to == "dana@work.example"


def test_an_address_of_somebody_else_is_refused(cast, alice):
    ticket = make.ticket(cast.web, cast.dana)
    with pytest.raises(NotFound):
        correct(ticket, cast.dana, alice, identity=cast.emile.identities.get())


def test_event_holds_ids_and_no_words(cast, alice):
    ticket = make.ticket(cast.web, cast.dana)
    correct(ticket, cast.emile, alice)
    data = Event.objects.get(kind="ticket.customer").data
    assert (data["from"], data["to"], data["reason"]) == (cast.dana.pk, cast.emile.pk, "corrected")
    assert "@" not in str(data)


def test_corrected_customer_sees_the_request_only_by_a_link_of_their_own(cast, alice, now):
    ticket = make.typed_ticket(cast.web, "mallory@evil.example")
    old = links.make_request_url(ticket.participants.get(), now=now)
    correct(ticket, cast.emile, alice)
    new = links.make_request_url(ticket.participants.get(customer=cast.emile), now=now + timedelta(seconds=1))
    assert old != new
    assert not Identity.objects.proved().filter(value="mallory@evil.example").exists()


def test_a_typed_address_does_not_take_the_place_of_a_corrected_one(cast, alice):
    ticket = make.ticket(cast.web, cast.dana)
    correct(ticket, cast.emile, alice)
    claims.add_claim(ticket, "email", "mallory@evil.example", by=alice, now=database_now())
    assert reply(ticket, alice).to == EMILE

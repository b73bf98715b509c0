"""Adding an address to somebody's card must not open their requests to whoever reads mail there."""

from __future__ import annotations

import pytest

from tests import make
from tickets import identity
from tickets.channels.chat import session as chats
from tickets.errors import NotAllowed
from tickets.models import Participant, Queue, Ticket


@pytest.fixture
def in_both(cast):
    """Give Dana a request in Alice's queue and one in Mallory's."""
    make.ticket(cast.web, cast.dana)
    legal = make.channel("web", Queue.objects.get(slug="legal"))
    return make.ticket(legal, cast.dana)


def test_an_agent_adds_no_address_that_would_open_what_they_may_not_see(cast, in_both, now):
    with pytest.raises(NotAllowed):
        identity.add_identity(cast.dana, "email", "mallory@evil.example", by=cast.acting("mallory"), now=now)
    assert cast.dana.identities.count() == 1


def test_on_the_desk_the_refusal_is_a_sentence(cast, in_both, client):
    client.force_login(cast.mallory)
    answer = client.post(f"/admin/desk/{in_both.pk}/identities/", {"value": "mallory@evil.example"})
    assert answer.status_code == 403
    assert "queues that are not yours" in answer.content.decode()


def test_a_number_opens_nothing_and_may_be_added(cast, in_both, now):
    identity.add_identity(cast.dana, "phone", "+33612345678", by=cast.acting("mallory"), now=now)
    assert cast.dana.identities.filter(kind="phone").exists()


def test_who_sees_everything_may_add_an_address(cast, in_both, now):
    identity.add_identity(cast.dana, "email", "dana@work.example", by=cast.acting("admin"), now=now)
    assert cast.dana.identities.filter(value="dana@work.example").exists()


def test_an_address_typed_in_a_chat_never_becomes_that_of_a_known_customer(cast, in_both, now):
    session, ticket = chat_of(cast, now)
    chats.introduce(session, name="", email="first@typed.example", now=now)
    identity.say_who(ticket, cast.dana, by=cast.acting("alice"), now=now)
    chats.introduce(session, name="", email="second@typed.example", now=now)
    assert set(cast.dana.identities.values_list("value", flat=True)) == {"dana@petit.example"}


def test_a_visitor_corrects_a_mistyped_address(cast, now):
    session, ticket = chat_of(cast, now)
    for address in ("dnaa@typed.example", "dana@typed.example"):
        chats.introduce(session, name="", email=address, now=now)
        session.refresh_from_db()
    assert chats.answer_address(ticket) == "dana@typed.example"


def chat_of(cast, now):
    """Return a visitor's session and the ticket it leads to."""
    session, _token = chats.open_session(cast.chat, origin="", page="", language="en", now=now)
    visitor = make.customer("")
    visitor.identities.create(kind="visitor", value=session.public_id, created_at=now)
    ticket = Ticket.objects.create(
        queue=cast.orders, channel=cast.chat, customer=visitor, created_at=now, updated_at=now
    )
    Participant.objects.create(
        ticket=ticket, customer=visitor, identity=visitor.identities.get(), created_at=now
    )
    session.ticket = ticket
    session.save(update_fields=["ticket"])
    return session, ticket

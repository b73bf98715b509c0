"""An address typed on a customer's card or in a chat is a claim in that ticket and gives no access."""

from __future__ import annotations

import pytest

from tests import make
from tickets.channels.chat import session as chats
from tickets.customers import claims, correction, links
from tickets.errors import NotFound
from tickets.models import Identity, Participant, Queue, Ticket
from tickets.portal import link_mail


@pytest.fixture
def in_both(cast):
    """Create a ticket of Dana's in Alice's queue and one in Mallory's."""
    make.ticket(cast.web, cast.dana)
    legal = make.channel("web", Queue.objects.get(slug="legal"))
    return make.ticket(legal, cast.dana)


def test_an_agent_adds_an_address_that_is_a_claim_on_the_ticket(cast, in_both, client):
    client.force_login(cast.mallory)
    client.post(f"/admin/desk/{in_both.pk}/identities/", {"value": "mallory@evil.example"})
    claim = Identity.objects.get(value="mallory@evil.example")
    assert (claim.is_claim, claim.ticket, claim.customer) == (True, in_both, cast.dana)


def test_a_claim_gets_no_link_to_all_requests(cast, in_both, now):
    claims.add_claim(in_both, "email", "mallory@evil.example", by=cast.acting("mallory"), now=now)
    make.ticket(cast.web, cast.dana)
    assert link_mail.queue_link_mail("mallory@evil.example", language="en", now=now).state == "cancelled"


def test_a_claim_does_not_replace_an_address_that_is_proved(cast, in_both, now):
    claims.add_claim(in_both, "email", "mallory@evil.example", by=cast.acting("mallory"), now=now)
    assert in_both.participants.get().address == cast.dana.email


def test_a_claim_replaces_an_address_where_mail_comes_back(cast, in_both, now):
    cast.dana.identities.update(undeliverable_at=now)
    claims.add_claim(in_both, "email", "dana@new.example", by=cast.acting("mallory"), now=now)
    assert in_both.participants.get().address == "dana@new.example"


def test_an_address_typed_in_a_chat_never_becomes_that_of_a_known_customer(cast, in_both, now):
    session, ticket = chat_of(cast, now)
    chats.save_introduction(session, name="", email="first@typed.example", now=now)
    correction.set_customer(ticket, cast.dana, by=cast.acting("alice"), now=now)
    chats.save_introduction(session, name="", email="second@typed.example", now=now)
    proved = cast.dana.identities.proved().filter(kind="email")
    assert set(proved.values_list("value", flat=True)) == {"dana@petit.example"}


def test_a_visitor_corrects_a_mistyped_address(cast, now):
    session, ticket = chat_of(cast, now)
    for address in ("dnaa@typed.example", "dana@typed.example"):
        chats.save_introduction(session, name="", email=address, now=now)
        session.refresh_from_db()
    assert chats.find_answer_address(ticket) == "dana@typed.example"
    assert not Identity.objects.filter(value="dnaa@typed.example").exists()


def test_a_link_mailed_to_a_mistyped_address_ends_when_it_is_corrected(cast, now):
    session, ticket = chat_of(cast, now)
    chats.save_introduction(session, name="", email="dnaa@typed.example", now=now)
    token = links.make_request_url(ticket.participants.get(), now=now).rstrip("/").rpartition("/")[2]
    chats.save_introduction(session, name="", email="dana@typed.example", now=now)
    with pytest.raises(NotFound):
        links.find_participant(token, now=now)


def chat_of(cast, now):
    """Return a visitor's session and its ticket."""
    session, _token = chats.open_session(cast.chat, origin="", page="", language="en", now=now)
    visitor = make.customer("")
    visitor.identities.create(
        kind="visitor", value=session.public_id, created_at=now, verified_at=now, verified_how="channel"
    )
    ticket = Ticket.objects.create(
        queue=cast.orders, channel=cast.chat, customer=visitor, created_at=now, updated_at=now
    )
    Participant.objects.create(
        ticket=ticket, customer=visitor, identity=visitor.identities.get(), created_at=now
    )
    session.ticket = ticket
    session.save(update_fields=["ticket"])
    return session, ticket

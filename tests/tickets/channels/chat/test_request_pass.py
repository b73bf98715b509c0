"""A chat that is begun from the page of a request: part of it, and of whom the link was mailed to."""

import re
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from tests import make
from tests.tickets.channels.chat.pages import lines, write
from tests.tickets.channels.chat.visitors import Visitor, answer
from tickets.channels.chat import access, conversation, request_pass
from tickets.channels.chat import session as sessions
from tickets.channels.chat.errors import PassIsOver
from tickets.clock import database_now
from tickets.customers import links
from tickets.models import AccessLink, Attachment, ChatSession, Message, Participant, Ticket
from tickets.platform import files


def path_of(ticket):
    part = ticket.participants.order_by("id").first()
    return links.make_request_url(part, now=database_now()).removeprefix("http://127.0.0.1:8000")


@pytest.fixture
def ticket(cast):
    return make.ticket(cast.web, cast.dana, text="My lamp is broken")


@pytest.fixture
def given(ticket):
    """The pass that the request's page gives to Dana's chat."""
    browser = Client()
    browser.get(path_of(ticket))
    address = browser.get(reverse("portal:talk", args=[ticket.public_id]))["Location"]
    return address.partition("#")[2].partition("/")[2]


def opened(cast, given):
    now = database_now()
    return sessions.open_session(
        cast.chat, origin="http://x", page="", language="en", now=now, page_pass=given
    )[0]


def say(session, text="It is me"):
    return conversation.receive_message(session.pk, uuid4(), text, now=database_now())


def test_a_word_joins_the_request_of_its_customer(cast, ticket, given):
    outcome = say(opened(cast, given))
    assert (outcome.ticket, outcome.message.author_customer) == (ticket, cast.dana)
    assert Ticket.objects.count() == 1


def test_the_window_shows_what_the_page_shows(cast, ticket, given):
    session = opened(cast, given)
    answer(ticket, cast.alice, "Which lamp?")
    say(session)
    found = conversation.load_latest_news(session.pk, "", 0)
    assert [(line["from"], line["text"]) for line in found.lines] == [
        ("you", "My lamp is broken"), ("us", "Which lamp?"), ("you", "It is me"),
    ]  # fmt: skip
    assert found.state["has_address"]
    assert not found.state["by_mail"]


def test_who_takes_part_in_copy_speaks_as_themselves_and_sees_what_came_later(cast, ticket):
    now = database_now()
    emile = cast.emile.identities.get(kind="email")
    part = Participant.objects.create(
        ticket=ticket, customer=cast.emile, identity=emile, role="copy", state="accepted", created_at=now
    )
    links.make_request_url(part, now=now)
    session = opened(cast, request_pass.make_pass(part, part.links.get()))
    outcome = say(session)
    assert (outcome.ticket, outcome.message.author_customer) == (ticket, cast.emile)
    assert [line["text"] for line in conversation.load_latest_news(session.pk, "", 0).lines] == ["It is me"]


@pytest.mark.parametrize("end", ["revoked", "spam", "removed"])
def test_the_chat_ends_with_its_link(cast, ticket, given, end):
    session = opened(cast, given)
    if end == "revoked":
        AccessLink.objects.update(revoked_at=database_now())
    elif end == "spam":
        Ticket.objects.update(is_spam=True)
    else:
        Participant.objects.update(state="removed")
    with pytest.raises(sessions.Unknown):
        conversation.load_latest_news(session.pk, "", 0)
    with pytest.raises(sessions.Unknown):
        say(session)
    with pytest.raises(PassIsOver):
        opened(cast, given)


def test_a_forged_pass_opens_nothing(cast, ticket):
    for forged in (
        "x",
        "a:b:c",
        signing.dumps([1, 1], salt="other"),
        signing.dumps([1], salt=request_pass.SALT),
    ):
        with pytest.raises(PassIsOver):
            opened(cast, forged)
    assert not ChatSession.objects.exists()


def test_an_old_pass_opens_nothing(cast, given, monkeypatch):
    monkeypatch.setattr(request_pass, "PASS_SECONDS", -1)
    with pytest.raises(PassIsOver):
        opened(cast, given)


def test_a_pass_of_somebody_elses_link_opens_nothing(cast, ticket):
    other = make.ticket(cast.web, cast.emile).participants.get()
    links.make_request_url(other, now=database_now())
    with pytest.raises(PassIsOver):
        opened(cast, request_pass.make_pass(ticket.participants.get(), other.links.get()))


def test_the_page_gives_nobody_else_a_pass(cast, ticket, client):
    assert client.get(reverse("portal:talk", args=[ticket.public_id])).status_code == 404


def test_what_is_typed_there_changes_no_address(cast, ticket, given):
    session = opened(cast, given)
    say(session)
    sessions.save_introduction(session, name="Mallory", email="mallory@evil.example", now=database_now())
    assert ticket.participants.get().address == "dana@petit.example"


def test_a_file_of_the_request_is_opened_in_the_chat(cast, ticket, given, client):
    session = opened(cast, given)
    message = answer(ticket, cast.alice, "Here is the invoice.")
    stored = files.store_file(b"12 euros")
    file = Attachment.objects.create(
        message=message, name="invoice.txt", content_type="text/plain", size=stored.size, key=stored.key,
        sha256=stored.sha256, created_at=message.created_at,
    )  # fmt: skip
    address = urlsplit(access.build_file_url(session, file.public_id))
    assert client.get(f"{address.path}?{address.query}").content == b"12 euros"


async def test_a_socket_takes_the_pass_and_then_its_token(quick, cast, ticket, given):
    visitor = Visitor(cast.chat)
    visitor.hello = lambda: {**Visitor.hello(visitor), "request": given}
    async with visitor.window() as socket:
        await visitor.say(socket, "It is me")
    assert (await ChatSession.objects.aget()).ticket_id == ticket.pk


def test_from_the_page_to_the_answer_in_a_browser(helpdesk, cast, ticket, page):
    page.goto(helpdesk.url + path_of(ticket))
    page.get_by_role("link", name="Open the chat").click()
    write(page, "Are you there?")
    expect(page.locator(".you time").last).to_have_text(re.compile(r"\d"))
    answer(ticket, cast.alice, "I am.")
    expect(page.locator(".us .text")).to_have_text("I am.")
    page.reload()
    expect(page.get_by_role("log").locator(".text")).to_have_count(3)
    assert lines(page) == ["My lamp is broken", "Are you there?", "I am."]
    assert Ticket.objects.get().customer == cast.dana
    assert Message.objects.filter(channel_slug="chat", kind="in").count() == 1

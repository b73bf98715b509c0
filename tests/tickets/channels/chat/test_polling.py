"""Frames in a request: what a window without a socket says and hears."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from tests.tickets.channels.chat.visitors import SHOP, answer
from tickets.channels.chat import access, conversation, polling
from tickets.models import Channel, ChatSession, Message, Ticket


@pytest.fixture
def tell(cast, client):
    """Give a function that tells frames after a hello and returns the response."""

    def post(*frames, token="", conversation="", last=0, origin=SHOP, **hello):
        first = {"type": "hello", "token": token, "conversation": conversation, "last": last, **hello}
        body = json.dumps([first, *frames])
        address = reverse("chat:frames", args=[cast.chat.key])
        return client.post(address, body, content_type="text/plain", headers={"Origin": origin})

    return post


def say(text):
    return {"type": "say", "client_id": str(uuid4()), "text": text}


def only(response, kind):
    return next(frame for frame in response.json() if frame["type"] == kind)


def test_a_word_is_stored_and_acknowledged(tell):
    response = tell(say("Anybody?"))
    kinds = [frame["type"] for frame in response.json()]
    assert kinds == ["welcome", "ack", "messages", "state"]
    assert only(response, "messages")["lines"][0]["text"] == "Anybody?" == Message.objects.get().text
    assert response.headers["Access-Control-Allow-Origin"] == SHOP
    assert "no-store" in response.headers["Cache-Control"]


def test_the_same_word_again_is_the_same_message(tell):
    word = say("Anybody?")
    token = only(tell(word), "welcome")["token"]
    tell(word, token=token)
    assert Message.objects.count() == 1


def test_only_what_is_missing_is_told(tell, cast):
    first = tell(say("Anybody?"))
    token, ticket = only(first, "welcome")["token"], Ticket.objects.get()
    answer(ticket, cast.alice, "Me")
    found = tell(token=token, conversation=ticket.public_id, last=1)
    assert [line["text"] for line in only(found, "messages")["lines"]] == ["Me"]
    nothing = tell(token=token, conversation=ticket.public_id, last=2)
    assert [frame["type"] for frame in nothing.json()] == ["welcome", "state"]


def test_who_asks_is_there(tell, cast):
    token = only(tell(say("Anybody?")), "welcome")["token"]
    ChatSession.objects.update(left_at="2026-01-01T00:00Z")
    tell(token=token)
    assert ChatSession.objects.get().left_at is None


def test_a_refused_word_is_said_and_the_chat_goes_on(tell):
    response = tell(say("x" * 4001), say("Short"))
    assert only(response, "refused")["code"] == "too_long"
    assert Message.objects.get().text == "Short"


def test_an_ended_chat_closes_and_its_token_opens_nothing(tell):
    token = only(tell(say("Anybody?")), "welcome")["token"]
    assert only(tell({"type": "end"}, say("Too late"), token=token), "close")["code"] == 1000
    assert only(tell(token=token), "close")["code"] == 4401
    assert Message.objects.count() == 1


def test_pages_that_are_not_listed_are_refused(tell, cast):
    Channel.objects.filter(pk=cast.chat.pk).update(options={"origins": ["https://other.example"]})
    assert tell(say("Anybody?")).status_code == 404
    assert tell(say("Anybody?"), origin="").status_code == 404


@pytest.mark.parametrize(
    "body", ["", "{}", "[]", "[1]", "[" * 5000, json.dumps([{"type": "say"}] * 30), "x" * 70_000]
)
def test_what_is_no_list_of_frames_is_refused(cast, client, body):
    address = reverse("chat:frames", args=[cast.chat.key])
    response = client.post(address, body, content_type="text/plain", headers={"Origin": SHOP})
    assert [frame["code"] for frame in response.json()] == ["bad_frame"]
    assert not ChatSession.objects.exists()


def test_a_window_that_asks_too_often_is_slowed_down(tell, monkeypatch):
    monkeypatch.setattr(access, "EXCHANGES_A_MINUTE", 2)
    token = only(tell(), "welcome")["token"]
    answers = [tell(token=token).json()[0]["type"] for _try in range(3)]
    assert answers == ["welcome", "welcome", "refused"]


def test_words_while_another_process_is_at_the_row_are_sent_again(tell, monkeypatch):
    monkeypatch.setattr(polling, "STORE_PAUSE", 0)
    monkeypatch.setattr(conversation, "store_message", lambda *_args: None)
    assert only(tell(say("Anybody?")), "refused")["code"] == "later"

"""The chat's addresses."""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.urls import reverse

from tests import make
from tests.tickets.channels.chat.visitors import SHOP
from tickets.channels.chat import access, conversation, session
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.models import Attachment, ChatSession, Ticket
from tickets.platform import files
from tickets.promises import promises
from tickets.promises.promises import Estimate


@pytest.fixture
def estimated(monkeypatch):
    """Let the roster say in how many minutes a chat or a mail is answered, and who is there."""

    def within(*names, **minutes):
        def estimate(queue, *, is_live, now):
            medium = "chat" if is_live else "email"
            until = now + timedelta(minutes=minutes.get(medium, 0))
            return Estimate(now, until, basis={"names": names}) if medium in minutes else None

        monkeypatch.setattr(promises, "_estimators", [estimate])

    return within


def status(client, channel, **headers):
    return client.get(reverse("chat:status", args=[channel.key]), {"lang": "en"}, headers=headers)


def test_the_widget_may_be_kept_for_long_and_asked_for_again(client, db):
    first = client.get("/widget.js?key=x")
    assert first["Content-Type"] == "text/javascript; charset=utf-8"
    assert first["Access-Control-Allow-Origin"] == "*"
    assert "max-age=3600" in first["Cache-Control"]
    again = client.get("/widget.js?key=y", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_status_says_who_is_there(client, cast, estimated):
    estimated("Alice", "Bob", chat=3, email=300)
    found = status(client, cast.chat).json()
    assert found["here"] is True
    assert found["sentence"] == "Alice and Bob are here. You will have an answer within 3 minutes."


def test_status_says_that_somebody_is_there_without_names(client, cast, estimated):
    estimated(chat=1)
    assert status(client, cast.chat).json()["sentence"] == "We are here and will answer within a minute."


def test_status_says_when_nobody_is_there(client, cast, estimated):
    estimated(email=900)
    found = status(client, cast.chat).json()
    assert found["here"] is False
    assert (
        found["sentence"]
        == "Nobody is available to chat right now. A person will answer between {from} and {until}."
    )
    assert found["from"] < found["until"]


def test_status_admits_when_nobody_can_say(client, cast):
    found = status(client, cast.chat).json()
    assert (found["here"], found["sentence"]) == (
        None,
        "We cannot say at the moment when a person will answer.",
    )
    assert set(found["words"]) >= {"open", "send", "offline", "promise"}


def test_status_is_for_the_listed_pages_and_our_own(client, cast):
    cast.chat.options = {"origins": [SHOP]}
    cast.chat.save()
    allowed = status(client, cast.chat, Origin=SHOP)
    assert (allowed.status_code, allowed["Access-Control-Allow-Origin"]) == (200, SHOP)
    assert "Origin" in allowed["Vary"]
    refused = status(client, cast.chat, Origin="https://evil.example")
    assert (refused.status_code, refused.has_header("Access-Control-Allow-Origin")) == (404, False)
    assert status(client, cast.chat).status_code == 200


def test_status_of_an_unknown_channel_is_told_to_every_page(client, cast):
    closed = make.channel("chat", cast.orders, is_active=False)
    answered = status(client, closed, Origin=SHOP)
    assert (answered.status_code, answered["Access-Control-Allow-Origin"]) == (404, "*")


def test_the_page_of_our_own_shows_the_first_chat_or_the_one_asked_for(client, cast):
    other = make.channel("chat", cast.refunds)
    assert f'data-key="{cast.chat.key}"' in client.get("/chat/").content.decode()
    assert f'data-key="{other.key}"' in client.get(f"/chat/?key={other.key}").content.decode()
    assert client.get("/chat/?key=nobody").status_code == 404


@pytest.fixture
def file(cast):
    """Return (session, attachment): a file an agent has sent in a chat."""
    now = database_now()
    opened, _token = session.open_session(cast.chat, origin=SHOP, page="", language="en", now=now)
    conversation.receive_message(opened.pk, uuid4(), "May I have the manual?", now=now)
    message = replies.reply(Ticket.objects.get(), Words("Here"), by=cast.acting("alice"), now=now)
    stored = files.store_file(b"<script>a manual</script>")
    return ChatSession.objects.get(), Attachment.objects.create(
        message=message, name="manual.html", content_type="text/html", size=stored.size, key=stored.key,
        sha256=stored.sha256, created_at=now,
    )  # fmt: skip


def local(address):
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def test_a_file_of_the_chat_is_downloaded_and_never_shown(client, file):
    answered = client.get(local(access.build_file_url(file[0], file[1].public_id)))
    assert answered.content == b"<script>a manual</script>"
    assert answered["Content-Disposition"] == 'attachment; filename="manual.html"'
    assert answered["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (answered["Content-Type"], answered["X-Content-Type-Options"]) == (
        "application/octet-stream",
        "nosniff",
    )


def test_a_files_address_is_good_for_one_file_and_five_minutes(client, cast, file):
    address = local(access.build_file_url(file[0], file[1].public_id))
    past = int(database_now().timestamp()) - 1
    path = address.partition("?")[0]
    for wrong in (path, f"{address}x", f"{path}?until={past}&mac=x", f"{path}?until=9999999999&mac=é"):
        assert client.get(wrong).status_code == 404
    expired = conversation.sign_file_query(file[0].pk, file[1].public_id, until=past)
    assert client.get(f"{path}?{expired}").status_code == 404


def test_anothers_file_has_no_address(cast, file):
    stranger, _token = session.open_session(
        cast.chat, origin=SHOP, page="", language="en", now=database_now()
    )
    assert access.build_file_url(stranger, file[1].public_id) == ""
    assert access.build_file_url(file[0], "") == ""

"""Who is kept out of a chat, and what is too much."""

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

from tests import make
from tests.tickets.channels.chat.visitors import Visitor
from tickets.channels.chat import access, consumer, hub
from tickets.clock import database_now
from tickets.customers import mail_addresses
from tickets.models import ChatSession, Message
from tickets.platform import crypto


async def refusal(visitor):
    """Say hello at the door; return the refusal's code and the close code."""
    async with visitor.at_the_door() as socket:
        await socket.send_frame(**visitor.hello())
        frame = await visitor.until(socket, "refused")
        return frame["code"], await socket.closed()


async def test_a_foreign_page_is_not_let_in(quick, cast):
    cast.chat.options = {"origins": ["https://shop.example"]}
    cast.chat.save()
    async with Visitor(cast.chat, "https://evil.example").at_the_door() as socket:
        assert socket is None
    async with Visitor(cast.chat, "https://shop.example").at_the_door() as socket:
        assert socket
    async with Visitor(cast.chat, "http://help.example").at_the_door() as socket:
        assert socket, "our own pages always may"


async def test_a_closed_or_unknown_channel_lets_nobody_in(quick, cast):
    for channel in (make.channel("chat", cast.orders, is_active=False), cast.web):
        async with Visitor(channel).at_the_door() as socket:
            assert socket is None


async def test_a_token_opens_nothing_on_another_page_or_channel(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        await visitor.say(socket, "My secret")
    thief = Visitor(cast.chat, "https://evil.example")
    elsewhere = Visitor(make.channel("chat", cast.refunds))
    thief.token = elsewhere.token = visitor.token
    assert await refusal(thief) == ("session_unknown", 4401)
    assert await refusal(elsewhere) == ("session_unknown", 4401)


async def test_anothers_conversation_cannot_be_asked_for(quick, cast):
    visitor, other = Visitor(cast.chat), Visitor(cast.chat)
    async with visitor.window() as socket:
        await visitor.say(socket, "My secret")
        await visitor.until(socket, "messages")
    async with other.window() as socket:
        await other.say(socket, "Mine")
        await other.until(socket, "messages")
    other.conversation, other.last, other.lines = visitor.conversation, 0, {}
    async with other.window() as socket:
        await other.until(socket, "messages")
    assert other.texts == ["Mine"]


async def was_last_seen(at):
    """Set when the visitor was last seen, and again should their closing window still be noted."""
    for _ in range(100):
        ChatSession.objects.update(last_seen_at=at)
        await asyncio.sleep(0.1)
        if ChatSession.objects.get().last_seen_at == at:
            return


async def test_an_old_token_opens_nothing(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window():
        pass
    await was_last_seen(database_now() - timedelta(days=15))
    assert await refusal(visitor) == ("session_unknown", 4401)


async def test_guessed_tokens_are_refused(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window():
        pass
    digest = ChatSession.objects.get().token_digest
    for guess in (digest, visitor.token[:-1], visitor.token + "a", visitor.token.swapcase(), "%"):
        guesser = Visitor(cast.chat)
        guesser.token = guess
        assert crypto.digest(guess) != digest
        assert await refusal(guesser) == ("session_unknown", 4401)


async def test_a_megabyte_is_refused_in_words_and_loses_nothing(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        await visitor.say(socket, "Before")
        huge = {"type": "say", "client_id": str(uuid4()), "text": "a" * 1_000_000}
        await socket.send_text(json.dumps(huge))
        frame = await visitor.until(socket, "refused")
        assert (frame["code"], await socket.closed()) == ("too_large", 1009)
        assert frame["sentence"] == "This is too large for one message. Please send it in several parts."
    async with visitor.window() as socket:
        await visitor.say(socket, "After")
    assert [m.text for m in Message.objects.order_by("seq")] == ["Before", "After"]


async def test_a_bad_frame_is_refused_and_the_chat_goes_on(quick, cast):
    visitor, client_id = Visitor(cast.chat), str(uuid4())
    async with visitor.window() as socket:
        for text in ("nonsense", '{"type":"hello"}', '{"type":"seen","seq":"1"}'):
            await socket.send_text(text)
            assert (await visitor.until(socket, "refused"))["code"] == "bad_frame"
        assert (await visitor.say(socket, "a" * 4001, client_id))["code"] == "too_long"
        assert (await visitor.say(socket, "Still here"))["seq"] == 1


async def test_nothing_is_taken_before_the_hello(quick, cast):
    async with Visitor(cast.chat).at_the_door() as socket:
        await socket.send_frame(type="say", client_id=str(uuid4()), text="Hello")
        assert (await socket.frame())["code"] == "bad_frame"
    assert not ChatSession.objects.exists()


async def test_whoever_says_nothing_is_closed(quick, cast, monkeypatch):
    monkeypatch.setattr(consumer, "HELLO_SECONDS", 0.1)
    monkeypatch.setattr(consumer, "QUIET_SECONDS", 0.1)
    async with Visitor(cast.chat).at_the_door() as socket:
        assert await socket.closed() == 4408
    async with Visitor(cast.chat).window() as socket:
        assert await socket.closed() == 4408


async def test_messages_beyond_the_limit_wait(quick, cast, monkeypatch):
    monkeypatch.setattr(access, "MESSAGES_A_MINUTE", 2)
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        answers = [await visitor.say(socket, f"Word {n}") for n in range(3)]
    assert [a["type"] for a in answers] == ["ack", "ack", "refused"]
    assert answers[2]["code"] == "too_many"


async def test_new_visitors_of_one_network_are_limited(quick, cast, monkeypatch):
    monkeypatch.setattr(access, "SESSIONS_AN_HOUR", 1)
    async with Visitor(cast.chat).window():
        pass
    async with Visitor(cast.chat).at_the_door() as socket:
        await socket.send_frame(**Visitor(cast.chat).hello())
        assert (await socket.frame())["code"] == "too_many"
    async with Visitor(cast.chat).at_the_door("198.51.100.1") as socket:
        await socket.send_frame(**Visitor(cast.chat).hello())
        assert (await socket.frame())["type"] == "welcome"


async def test_too_many_frames_close_the_socket(quick, cast, monkeypatch):
    monkeypatch.setattr(consumer, "FRAMES_PER_MINUTE", 5)
    async with Visitor(cast.chat).window() as socket:
        for _frame in range(12):
            await socket.send_frame(type="ping")
        assert await socket.closed() == 4429


async def test_one_visitor_has_a_handful_of_windows(quick, cast, monkeypatch):
    monkeypatch.setattr(hub, "SOCKETS_PER_SESSION", 1)
    visitor = Visitor(cast.chat)
    async with visitor.window(), visitor.at_the_door() as second:
        await second.send_frame(**visitor.hello())
        assert await second.closed() == 4429


async def test_one_network_holds_a_bounded_number_of_sockets(quick, cast, monkeypatch):
    """Also of those that have not said hello, and however many sessions they resume."""
    monkeypatch.setattr(hub, "SOCKETS_PER_NETWORK", 2)
    visitor = Visitor(cast.chat)
    async with visitor.window(), visitor.at_the_door():
        async with visitor.at_the_door() as third:
            assert third is None
        async with visitor.at_the_door("198.51.100.1") as elsewhere:
            assert elsewhere
    async with visitor.at_the_door() as again:
        assert again


async def test_chats_leave_connections_for_pages(quick, cast, monkeypatch):
    monkeypatch.setattr(hub, "MAX_SOCKETS", 1)
    async with Visitor(cast.chat).window(), Visitor(cast.chat).at_the_door("198.51.100.1") as second:
        assert second is None


async def test_a_window_that_does_not_read_is_let_go(quick, cast, monkeypatch):
    monkeypatch.setattr(consumer, "SEND_SECONDS", 0.1)
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        await visitor.say(socket, "Hello")
        socket.stop_reading()
        await socket.send_frame(type="ping")
        await socket.wait(20)
        assert socket.future.done()


def test_a_network_is_an_ipv4_address_or_an_ipv6_subscriber():
    assert mail_addresses.reduce_to_network("192.0.2.7") == "192.0.2.7"
    assert (
        mail_addresses.reduce_to_network("2001:db8:1:2:3::4")
        == mail_addresses.reduce_to_network("2001:db8:1:2::9")
        == "2001:db8:1:2::/64"
    )
    assert mail_addresses.reduce_to_network("") == "local"

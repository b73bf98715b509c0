"""News reaches the sockets: at once by a hint, else by the look at the rows, whatever the broker does."""

import pytest
from channels.layers import get_channel_layer

from tests.plugins.servers import free_port
from tests.tickets.channels.chat.visitors import Visitor, answer
from tickets.channels.chat import hub
from tickets.clock import database_now
from tickets.live.hints import ticket_group
from tickets.models import ChatSession, Message, Reader, Ticket


def on_redis(settings, port):
    hosts = [{"host": "127.0.0.1", "port": port, "socket_connect_timeout": 1}]
    layer = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": hosts}}
    settings.CHANNEL_LAYERS = {"default": layer}


async def hint(ticket):
    news = {"type": "hint", "kind": "message.out", "ticket": ticket.pk, "queue": ticket.queue_id}
    await get_channel_layer().group_send(ticket_group(ticket.pk), news)


async def converse(visitor, socket, person):
    """Say something, be answered, see the answer."""
    await visitor.say(socket, "Hello?")
    ticket = Ticket.objects.get()
    answer(ticket, person, "Hello.")
    while "Hello." not in visitor.texts:
        await visitor.until(socket, "messages")
    return ticket


@pytest.mark.parametrize("broker", ["memory", "redis"])
async def test_a_hint_brings_news_before_the_next_look(quick, cast, monkeypatch, request, broker):
    if broker == "redis":
        settings, server = map(request.getfixturevalue, ("settings", "redis_server"))
        on_redis(settings, server.port)
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        ticket = await converse(visitor, socket, cast.alice)
        monkeypatch.setattr(hub, "POLL_SECONDS", 600)
        await socket.nothing_for(0.3)
        answer(ticket, cast.alice, "One more thing.")
        await hint(ticket)
        while "One more thing." not in visitor.texts:
            await visitor.until(socket, "messages")


async def test_a_chat_without_redis_goes_on(quick, cast, settings):
    on_redis(settings, free_port())
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        await converse(visitor, socket, cast.alice)
    assert visitor.texts == ["Hello?", "Hello."]


async def test_a_chat_goes_on_when_redis_hangs_and_when_it_dies(quick, cast, settings, redis_server):
    on_redis(settings, redis_server.port)
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        ticket = await converse(visitor, socket, cast.alice)
        redis_server.freeze()
        await socket.send_frame(type="typing")
        await visitor.say(socket, "Are you still there?")
        redis_server.thaw()
        redis_server.kill()
        answer(ticket, cast.alice, "I am.")
        while "I am." not in visitor.texts:
            await visitor.until(socket, "messages")
    assert visitor.texts == [m.text for m in Message.objects.order_by("seq")]


async def test_writing_of_either_side_is_told_to_the_other(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        ticket = await converse(visitor, socket, cast.alice)
        ear = await get_channel_layer().new_channel()
        await get_channel_layer().group_add(ticket_group(ticket.pk), ear)
        await socket.send_frame(type="typing")
        assert (await get_channel_layer().receive(ear))["kind"] == "typing.visitor"
        Reader.objects.create(ticket=ticket, user=cast.alice, at=database_now(), is_writing=True)
        await hint(ticket)
        while visitor.state.get("writing") != "Alice":
            await visitor.until(socket, "state")


async def test_connected_visitors_are_present_and_count_as_gone_a_while_after(quick, cast, monkeypatch):
    monkeypatch.setattr(hub, "PRESENT_EVERY", 1)
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        opened = ChatSession.objects.get().last_seen_at
        await socket.nothing_for(0.4)
        assert ChatSession.objects.get().last_seen_at > opened


async def test_ending_the_chat_in_one_window_closes_the_other(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as first:
        await visitor.say(first, "Hello")
        twin = Visitor(cast.chat)
        twin.token = visitor.token
        async with twin.window() as second:
            await twin.until(second, "state")
            await first.send_frame(type="end")
            assert await second.closed() == 4401


async def test_a_closed_channel_closes_its_sockets_and_keeps_the_token(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        cast.chat.is_active = False
        cast.chat.save()
        assert (await visitor.until(socket, "refused"))["code"] == "chat_closed"
        assert await socket.closed() == 1008
    cast.chat.is_active = True
    cast.chat.save()
    async with visitor.window():
        assert ChatSession.objects.count() == 1


@pytest.mark.parametrize("tickets", [1, 2])
async def test_one_hub_serves_all_and_stops_with_the_last(quick, cast, tickets):
    for _visit in range(tickets):
        visitor = Visitor(cast.chat)
        async with visitor.window() as socket:
            await visitor.say(socket, "Hello")
            assert len(hub.get_hub().listeners) == 1
    assert not hub.get_hub().listeners

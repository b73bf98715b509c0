"""Connections that drop anywhere: what was acknowledged is there once, and the window ends up complete."""

import asyncio
import random
from datetime import timedelta
from uuid import uuid4

from tests.tickets.channels.chat.visitors import Visitor, answer
from tickets.channels.chat import access, departures
from tickets.clock import database_now
from tickets.models import Contact, Message, Ticket

DROPS = 50


async def test_fifty_drops_lose_and_double_nothing(quick, cast, monkeypatch):
    """Each window is torn down at a random moment, with the agent writing in between; one resumes at last."""
    monkeypatch.setattr(access, "MESSAGES_A_MINUTE", 1000)
    chance = random.Random(7)
    visitor = Visitor(cast.chat)
    unsent = [(str(uuid4()), f"Word {n}") for n in range(20)]
    said = dict(unsent)
    replies = 0
    for drop in range(DROPS):
        async with visitor.window() as socket:
            moment = asyncio.get_running_loop().time() + chance.random() * 0.08
            for client_id, text in unsent[: chance.randint(1, 3)]:
                await socket.send_frame(type="say", client_id=client_id, text=text)
            ticket = Ticket.objects.first()
            if ticket and drop % 5 == 4:
                replies += 1
                answer(ticket, cast.alice, f"Answer {replies}")
            while (left := moment - asyncio.get_running_loop().time()) > 0:
                try:
                    visitor.take(await socket.frame(left))
                except TimeoutError:
                    break
            socket.tear()
        unsent = [(client_id, text) for client_id, text in unsent if client_id not in visitor.acks]
    async with visitor.window() as socket:
        for client_id, text in unsent:
            await visitor.say(socket, text, client_id)
        while len(visitor.lines) < len(said) + replies:
            await visitor.until(socket, "messages")
    rows = list(Message.objects.order_by("seq"))
    assert visitor.texts == [row.text for row in rows]
    assert sorted(row.text for row in rows if row.kind == "in") == sorted(said.values())
    assert {str(row.client_id): row.seq for row in rows if row.client_id} == visitor.acks
    assert Ticket.objects.count() == 1
    assert replies >= 8


async def test_two_first_words_at_once_open_one_ticket(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as first:
        twin = Visitor(cast.chat)
        twin.token = visitor.token
        async with twin.window() as second:
            acks = await asyncio.gather(visitor.say(first, "One"), twin.say(second, "Two"))
    assert sorted(ack["seq"] for ack in acks) == [1, 2]
    assert Ticket.objects.count() == 1
    assert Ticket.objects.get().contacts.count() == 1


async def test_two_words_at_once_after_a_return_are_one_contact(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as first:
        await visitor.say(first, "Before")
        answer(Ticket.objects.get(), cast.alice, "Answered")
        assert departures.end_silent_chats(database_now() + timedelta(hours=1)) == 1
        twin = Visitor(cast.chat)
        twin.token = visitor.token
        async with twin.window() as second:
            await asyncio.gather(visitor.say(first, "One"), twin.say(second, "Two"))
    assert Contact.objects.count() == 2
    assert Contact.objects.filter(ended_at=None).count() == 1

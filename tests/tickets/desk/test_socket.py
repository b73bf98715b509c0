"""The desk's websocket: who may listen, to what, and for how long."""

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client

from tests import make
from tests.cast import assemble
from tests.tickets.channels.chat.visitors import Socket
from tickets.desk.live import consumer
from tickets.live import hints
from tickets.models import QueueMembership, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
HOST = b"http://127.0.0.1:8000"


@pytest.fixture
async def cast(transactional_db):
    """Return the cast, made from within a loop."""
    return await sync_to_async(assemble)()


async def signed_in(person, *, origin=HOST):
    client = Client()
    await sync_to_async(client.force_login)(person)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    headers = [(b"cookie", cookie.encode()), (b"host", b"127.0.0.1:8000")]
    if origin:
        headers.append((b"origin", origin))
    return Socket("/ws/desk/", headers), client


async def listening(person):
    socket, client = await signed_in(person)
    assert await socket.connect()
    return socket, client


async def tell(group, kind="message.in", ticket=None, queue=None):
    hint = {"type": "hint", "kind": kind, "ticket": ticket, "queue": queue}
    await sync_to_async(hints.send_hint)(group, hint)


async def test_nobody_listens_without_signing_in(cast):
    socket = Socket("/ws/desk/", [(b"origin", HOST), (b"host", b"127.0.0.1:8000")])
    assert not await socket.connect()


@pytest.mark.parametrize("origin", [b"http://evil.example", None, b"null"])
async def test_another_sites_page_may_not_listen(cast, origin):
    socket, _client = await signed_in(cast.alice, origin=origin)
    assert not await socket.connect()


async def test_who_was_switched_off_may_not_listen(cast):
    socket, _client = await signed_in(cast.alice)
    await type(cast.alice).objects.filter(pk=cast.alice.pk).aupdate(is_active=False)
    assert not await socket.connect()


async def test_news_of_ones_own_queues_and_of_oneself_arrive(cast):
    socket, _client = await listening(cast.alice)
    await tell(hints.queue_group(cast.orders.pk), ticket=7, queue=cast.orders.pk)
    assert await socket.frame() == {"kind": "message.in", "ticket": 7, "queue": cast.orders.pk}
    await tell(hints.user_group(cast.alice.pk), kind="assignment.made")
    assert (await socket.frame())["kind"] == "assignment.made"
    await socket.disconnect()


async def test_news_of_other_queues_do_not(cast):
    socket, _client = await listening(cast.mallory)
    await tell(hints.queue_group(cast.orders.pk), ticket=7)
    assert await socket.receive_nothing(0.2)
    await socket.disconnect()


async def test_a_visible_ticket_can_be_watched(cast):
    ticket = await sync_to_async(make.ticket)(cast.web, cast.dana)
    socket, _client = await listening(cast.alice)
    await socket.send_frame(watch=ticket.pk)
    await asyncio.sleep(0.1)
    await tell(hints.ticket_group(ticket.pk), kind="readers", ticket=ticket.pk)
    assert (await socket.frame())["kind"] == "readers"
    await socket.disconnect()


async def test_an_invisible_ticket_cannot_be_watched(cast):
    ticket = await sync_to_async(make.ticket)(cast.web, cast.dana)
    socket, _client = await listening(cast.mallory)
    for number in (ticket.pk, "x", None, [1], True, 10**30):
        await socket.send_frame(watch=number)
    await tell(hints.ticket_group(ticket.pk), kind="readers", ticket=ticket.pk)
    assert await socket.receive_nothing(0.2)
    await socket.disconnect()


async def test_nonsense_is_passed_over(cast):
    socket, _client = await listening(cast.alice)
    for text in ("", "{", "[]", "1", '"watch"', json.dumps({"do": "it"})):
        await socket.send_text(text)
    await tell(hints.user_group(cast.alice.pk))
    assert (await socket.frame())["kind"] == "message.in"
    await socket.disconnect()


async def test_a_large_frame_closes(cast):
    socket, _client = await listening(cast.alice)
    await socket.send_text("x" * (consumer.MAX_FRAME + 1))
    assert await socket.closed() == consumer.TOO_LARGE


async def test_too_many_frames_close(cast):
    socket, _client = await listening(cast.alice)
    for _ in range(consumer.MAX_FRAMES + 1):
        await socket.send_frame(watch=None)
    assert await socket.closed() == consumer.TOO_OFTEN


async def test_rights_are_looked_at_again(cast, monkeypatch):
    monkeypatch.setattr(consumer, "RECHECK_SECONDS", 0.05)
    socket, _client = await listening(cast.alice)
    await QueueMembership.objects.filter(user=cast.alice, queue=cast.orders).adelete()
    await asyncio.sleep(0.3)
    await tell(hints.queue_group(cast.orders.pk), ticket=7)
    assert await socket.receive_nothing(0.2)
    await tell(hints.queue_group(cast.refunds.pk), ticket=8)
    assert (await socket.frame())["ticket"] == 8
    await socket.disconnect()


async def test_a_ticket_that_left_ones_sight_is_watched_no_more(cast, monkeypatch):
    monkeypatch.setattr(consumer, "RECHECK_SECONDS", 0.05)
    ticket = await sync_to_async(make.ticket)(cast.web, cast.dana)
    socket, _client = await listening(cast.alice)
    await socket.send_frame(watch=ticket.pk)
    queue = (await QueueMembership.objects.aget(user=cast.mallory)).queue_id
    await Ticket.objects.filter(pk=ticket.pk).aupdate(queue=queue)
    await asyncio.sleep(0.3)
    await tell(hints.ticket_group(ticket.pk), kind="readers")
    assert await socket.receive_nothing(0.2)
    await socket.disconnect()


async def test_who_signs_out_is_shown_out(cast, monkeypatch):
    monkeypatch.setattr(consumer, "RECHECK_SECONDS", 0.05)
    socket, client = await listening(cast.alice)
    await sync_to_async(client.logout)()
    assert await socket.closed() == consumer.GOODBYE


async def test_who_is_switched_off_is_shown_out_as_soon_as_the_log_says_so(cast):
    socket, _client = await listening(cast.alice)
    await type(cast.alice).objects.filter(pk=cast.alice.pk).aupdate(is_active=False)
    await tell(hints.user_group(cast.alice.pk), kind="account.rights")
    assert await socket.closed() == consumer.GOODBYE

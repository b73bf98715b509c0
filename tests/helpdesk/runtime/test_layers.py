"""The in-memory channel layer wakes sockets from any thread."""

import asyncio
import threading

from asgiref.sync import async_to_sync

from helpdesk.runtime.layers import ThreadSafeInMemoryLayer

MESSAGE = {"type": "bell"}


async def listening(layer: ThreadSafeInMemoryLayer) -> tuple[str, asyncio.Task[dict[str, object]]]:
    channel = await layer.new_channel()
    await layer.group_add("desk", channel)
    task = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0)
    return channel, task


async def test_a_message_from_another_thread_wakes_a_sleeping_loop():
    layer = ThreadSafeInMemoryLayer()
    _, received = await listening(layer)
    threading.Thread(target=async_to_sync(layer.group_send), args=("desk", MESSAGE)).start()
    # Nothing else ticks in this loop, so an unwoken get() would wait for the whole time-out.
    assert await asyncio.wait_for(received, 5) == MESSAGE


async def test_one_socket_can_be_addressed_from_another_thread():
    layer = ThreadSafeInMemoryLayer()
    channel, received = await listening(layer)
    threading.Thread(target=async_to_sync(layer.send), args=(channel, MESSAGE)).start()
    assert await asyncio.wait_for(received, 5) == MESSAGE


async def test_many_threads_at_once_lose_nothing():
    layer = ThreadSafeInMemoryLayer(capacity=1000)
    channel = await layer.new_channel()
    await layer.group_add("desk", channel)
    senders = [
        threading.Thread(
            target=lambda n=n: [async_to_sync(layer.group_send)("desk", {"n": (n, i)}) for i in range(20)]
        )
        for n in range(8)
    ]
    for sender in senders:
        sender.start()
    received = [(await asyncio.wait_for(layer.receive(channel), 5))["n"] for _ in range(160)]
    assert len(set(received)) == 160


def test_sending_before_anybody_listens_or_after_the_server_stopped_is_harmless():
    layer = ThreadSafeInMemoryLayer()
    async_to_sync(layer.group_send)("desk", MESSAGE)

    async def serve_briefly() -> None:
        _, received = await listening(layer)
        received.cancel()

    asyncio.run(serve_briefly())
    late = threading.Thread(target=async_to_sync(layer.group_send), args=("desk", MESSAGE), daemon=True)
    late.start()
    late.join(10)
    assert not late.is_alive()

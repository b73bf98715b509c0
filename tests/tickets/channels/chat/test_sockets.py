"""The visitor's websocket on a real database."""

from uuid import uuid4

from tests.tickets.channels.chat.visitors import Visitor, answer
from tickets.channels.chat import conversation
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.intake import ledger, receive
from tickets.models import ChatSession, Inbound, Message, Ticket


async def test_first_word_opens_a_ticket_and_is_acknowledged_after_the_commit(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        ack = await visitor.say(socket, "My lamp is broken.\nIt does not light.")
    ticket = Ticket.objects.get()
    assert (ack["seq"], ack["conversation"]) == (1, ticket.public_id)
    assert (ticket.subject, ticket.state, ticket.channel) == ("My lamp is broken.", "new", cast.chat)
    assert Inbound.objects.get().state == "opened"
    contact = ticket.contacts.get()
    assert (contact.is_live, contact.channel_slug, contact.ended_at) == (True, "chat", None)
    kinds = [e.kind for e in ticket.events.all()]
    assert {"chat.opened", "contact.start", "message.in", "ticket.created"} <= set(kinds)
    identity = ticket.customer.identities.get()
    assert identity.kind == "visitor"


async def test_the_token_is_told_once_and_stored_as_a_digest(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window():
        pass
    session = ChatSession.objects.get()
    assert len(visitor.token) >= 43
    assert visitor.token not in session.token_digest
    async with visitor.window() as socket:
        assert (await socket.frame())["type"] == "state"
    assert ChatSession.objects.count() == 1


async def test_later_words_join_the_same_ticket_and_contact(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        acks = [await visitor.say(socket, f"Word {n}") for n in range(3)]
    assert [ack["seq"] for ack in acks] == [1, 2, 3]
    ticket = Ticket.objects.get()
    assert ticket.contacts.count() == 1
    assert {m.thread_layer for m in ticket.messages.exclude(seq=1)} == {"chat_session"}


async def test_the_same_client_id_is_the_same_message(quick, cast):
    visitor, client_id = Visitor(cast.chat), str(uuid4())
    async with visitor.window() as socket:
        first = await visitor.say(socket, "Once", client_id)
    async with visitor.window() as socket:
        again = await visitor.say(socket, "Once", client_id)
        other = await visitor.say(socket, "Once, in other words", client_id)
    assert first == again == other
    assert [m.text for m in Message.objects.all()] == ["Once"]


async def test_an_agents_reply_appears(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        await visitor.say(socket, "Is anybody there?")
        answer(Ticket.objects.get(), cast.alice, "Yes, Alice.")
        while "Yes, Alice." not in visitor.texts:
            await visitor.until(socket, "messages")
    line = visitor.lines[2]
    assert (line["from"], line["name"]) == ("us", "Alice")


async def test_a_return_gets_exactly_what_was_missed(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        await visitor.say(socket, "One")
        await visitor.until(socket, "messages")
    for text in ("Two", "Three"):
        answer(Ticket.objects.get(), cast.alice, text)
    async with visitor.window() as socket:
        await visitor.until(socket, "messages")
    assert visitor.texts == ["One", "Two", "Three"]


async def test_notes_never_reach_the_visitor(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        await visitor.say(socket, "Hello")
        ticket = Ticket.objects.get()
        secret = Words("A secret between us")
        replies.note(ticket, secret, by=cast.acting("bob"), now=database_now())
        answer(ticket, cast.alice, "Good day")
        while "Good day" not in visitor.texts:
            await visitor.until(socket, "messages")
    assert visitor.texts == ["Hello", "Good day"]


async def test_two_windows_of_one_visitor_show_the_same(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as first:
        other = Visitor(cast.chat)
        other.token = visitor.token
        async with other.window() as second:
            await visitor.say(first, "From the first window")
            await other.until(second, "messages")
            await other.say(second, "From the second")
            while len(visitor.texts) < 2:
                await visitor.until(first, "messages")
    assert visitor.texts == ["From the first window", "From the second"]
    assert Ticket.objects.count() == 1


async def test_a_solved_ticket_reopens(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        await visitor.say(socket, "Help")
        ticket = Ticket.objects.get()
        answer(ticket, cast.alice, "Done", then="solved")
        await visitor.say(socket, "Not quite")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.messages.count()) == ("open", 3)


async def test_spam_is_not_shown_and_new_words_open_another_ticket(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        await visitor.say(socket, "Buy now")
        ticket = Ticket.objects.get()
        ticket.mark_spam(by=cast.acting("alice"), now=database_now())
        await visitor.say(socket, "A real question")
        while visitor.texts != ["A real question"]:
            await visitor.until(socket, "messages")
    assert Ticket.objects.count() == 2


async def test_seen_is_noted_and_never_goes_back_or_beyond(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        await visitor.say(socket, "One")
        await visitor.say(socket, "Two")
        for seq in (2, 1, 7):
            await socket.send_frame(type="seen", seq=seq)
        await socket.send_frame(type="ping")
        await visitor.until(socket, "pong")
    assert ChatSession.objects.get().seen_seq == 2


async def test_ending_the_chat_revokes_the_token(quick, cast):
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        await visitor.say(socket, "Goodbye")
        await socket.send_frame(type="end")
        await visitor.until(socket, "ended")
    async with visitor.at_the_door() as socket:
        await socket.send_frame(**visitor.hello())
        assert (await visitor.until(socket, "refused"))["code"] == "session_unknown"
        assert await socket.closed() == 4401
    ticket = Ticket.objects.get()
    assert ticket.contacts.get().ended_at is not None
    assert ticket.events.filter(kind="chat.ended", actor_kind="visitor").count() == 1


async def test_a_message_the_sweep_has_taken_is_acknowledged_all_the_same(quick, cast):
    visitor, client_id = Visitor(cast.chat), uuid4()
    async with visitor.window() as socket:
        raw = conversation.build_document(ChatSession.objects.get(), client_id, "Kept")
        key = f"{ChatSession.objects.get().public_id}:{client_id}"
        ledger.keep_raw(cast.chat, raw, source_key=key, now=database_now())
        receive.process_due(now=database_now())
        ack = await visitor.say(socket, "Kept", str(client_id))
    assert ack["seq"] == Message.objects.get().seq == 1

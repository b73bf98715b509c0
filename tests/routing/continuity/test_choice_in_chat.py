"""In the chat's window the visitor chooses between the person they know and somebody now."""

from datetime import timedelta

from routing.continuity import relationships
from routing.dispatch import run
from routing.models import Agent, Presence, Shift, WaitChoice
from tests.routing.scene import there
from tests.tickets.channels.chat.conftest import quick  # noqa: F401  (its fixture)
from tests.tickets.channels.chat.visitors import Visitor
from tickets.actor import SYSTEM
from tickets.clock import database_now
from tickets.models import Ticket


async def test_visitor_is_asked_and_answers_by_a_click(quick, cast):  # noqa: F811
    now = database_now()
    bob, alice = there(cast.bob, now, "offline"), there(cast.alice, now)
    Agent.objects.filter(pk=bob.pk).update(schedule="planned")
    Presence.objects.filter(pk=alice.pk).update(free_units=0)  # somebody is there, with full hands
    Shift.objects.create(agent=bob, during=(now + timedelta(hours=2), now + timedelta(hours=4)))
    visitor = Visitor(cast.chat)
    async with visitor.window() as socket:
        await visitor.say(socket, "Is Bob there?")
        relationships.set_customer_role(Ticket.objects.get().customer, bob, "owner", by=SYSTEM, now=now)
        run.run_pass(database_now())
        choice = None
        while choice is None:
            choice = (await visitor.until(socket, "state")).get("choice")
        assert [option for option, _words in choice["options"]] == ["wait", "now"]
        await socket.send_frame(type="choose", key=choice["key"], option="wait")
        while choice is not None:
            choice = (await visitor.until(socket, "state")).get("choice")
    assert WaitChoice.objects.get().answer == "wait"

"""Play one story: its turns happen one after another, through the real channels and verbs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from helpdesk.demo import channels
from helpdesk.demo.channels import Telling
from helpdesk.demo.shop import Shop
from helpdesk.demo.stories import PRODUCTS, Story
from tickets.actor import Actor
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import claims
from tickets.customers.recipients import find_recipients
from tickets.intake import receive
from tickets.models import Channel, Customer, Ticket
from tickets.platform import placeholders

Writing = Callable[..., receive.Outcome]
WRITINGS: dict[str, Writing] = {
    "email": channels.send_mail,
    "web": channels.send_form,
    "chat": channels.send_chat_message,
    "phone": channels.send_mail,  # what a caller writes afterwards
}


def begin_story(story: Story, customer: Customer, number: int, random: Random) -> Telling:
    """Return a story with its products, amounts and names chosen."""
    values = {
        "product": random.choice(PRODUCTS[story.language]),
        "order": f"A-{random.randint(10_000, 99_999)}",
        "amount": str(random.choice((39, 59, 89, 129, 249, 399))),
        "name": customer.name.split()[0],
    }
    return Telling(story, customer, values, number, random)


def play_story(shop: Shop, telling: Telling, at: datetime, *, until: datetime) -> None:
    """Play the story's turns from `at` on; turns after `until` are left out."""
    story, moment = telling.story, at
    for place, (kind, text) in enumerate(story.turns):
        moment += _pause(telling, kind) if place else timedelta(0)
        if moment >= until:
            return
        is_last = place == len(story.turns) - 1
        moment = _turn(shop, telling, kind, telling.fill(text), moment, is_last=is_last)
    _finish_story(telling, moment + timedelta(minutes=2 if telling.chat else 20), until=until)


def choose_agent(shop: Shop, telling: Telling) -> Any:
    """Choose the agent who answered this customer before, or else another who suits queue and language."""
    queue = shop.queues[telling.story.queue]
    able = [
        user
        for user in shop.agents.values()
        if telling.story.language in user.agent.languages and queue.pk in shop.works_in[user.pk]
    ]
    earlier = Ticket.objects.filter(customer=telling.customer, assignee__in=able).order_by("-id").first()
    if earlier is not None:
        return earlier.assignee
    return able[0 if telling.number % 3 == 0 else telling.number % len(able)]


def keep_ticket(shop: Shop, telling: Telling, ticket: Ticket, *, at: datetime) -> None:
    """Remember the ticket that the first message opened; set its queue and its contact reason."""
    telling.ticket = ticket
    by = Actor.for_customer(ticket.customer)
    Customer.objects.filter(pk=ticket.customer_id).update(is_demo=True)  # a form makes somebody new each time
    ticket.move_to(shop.queues[telling.story.queue], by=by, now=at)
    ticket.set_motive(shop.motives[telling.story.motive], by=by, now=at)


def _turn(shop: Shop, telling: Telling, kind: str, text: str, at: datetime, *, is_last: bool) -> datetime:
    """Play one turn; return when it ended."""
    if kind == "in":
        _send_customer_message(shop, telling, text, at)
    elif kind in ("missed", "voicemail"):
        _miss_call(shop, telling, text, at)
    elif kind in ("call", "called"):
        return _talk(shop, telling, kind, text, at)
    else:
        _send_agent_message(shop, telling, kind, text, at, then=_choose_next_state(telling, is_last=is_last))
    return at


def _pause(telling: Telling, kind: str) -> timedelta:
    if telling.story.channel == "chat":
        return timedelta(seconds=telling.random.randint(25, 130))
    if kind == "called":
        return timedelta(minutes=telling.random.choice((2, 2, 2, 2, 5, 40)))
    longest = telling.random.randint(30, 2000) if kind == "in" else telling.random.randint(6, 120)
    return timedelta(minutes=longest)


def _choose_next_state(telling: Telling, *, is_last: bool) -> str:
    if telling.story.channel == "chat":
        return "open"
    if not is_last or telling.story.ends == "new":
        return "pending"
    return telling.story.ends


def _finish_story(telling: Telling, at: datetime, *, until: datetime) -> None:
    """End a chat, and solve what is settled though the customer had the last word."""
    if at >= until or telling.ticket is None:
        return
    channels.close_chat(telling, at=at)
    telling.ticket.refresh_from_db()
    if telling.story.ends == "solved" and telling.agent is not None:
        telling.ticket.solve(by=Actor.for_user(telling.agent), now=at)


def _send_customer_message(shop: Shop, telling: Telling, text: str, at: datetime) -> None:
    outcome = WRITINGS[telling.story.channel](_channel(shop, telling), telling, text, at=at)
    if outcome.ticket is None:
        raise RuntimeError(f"The demo's message was not taken in: {outcome.state} {outcome.why}")
    if telling.ticket is None:
        keep_ticket(shop, telling, outcome.ticket, at=at)
    telling.ticket = outcome.ticket


def _miss_call(shop: Shop, telling: Telling, text: str, at: datetime) -> None:
    channel = shop.channels["phone", telling.story.language]
    key, number = telling.next_key(), telling.customer.phone
    outcome = channels.report_missed_call(channel, number, at=at, key=key, transcript=text)
    if outcome.ticket is not None:
        keep_ticket(shop, telling, outcome.ticket, at=at)


def _talk(shop: Shop, telling: Telling, kind: str, text: str, at: datetime) -> datetime:
    telling.agent = telling.agent or choose_agent(shop, telling)
    channel = shop.channels["phone", telling.story.language]
    outcome, ends = channels.hold_call(channel, telling, text, at=at, is_ours=kind == "called")
    if outcome.ticket is None:
        raise RuntimeError(f"The demo's call was not taken in: {outcome.state} {outcome.why}")
    by = Actor.for_user(telling.agent)
    if telling.ticket is None:
        keep_ticket(shop, telling, outcome.ticket, at=ends)
        outcome.ticket.rename(telling.fill(telling.story.subject), by=by, now=ends)
    ticket = telling.ticket = Ticket.objects.get(pk=outcome.ticket.pk)
    ticket.set_assignee(telling.agent, by=by, now=ends, data={"reason": "history"})
    return ends


def _send_agent_message(
    shop: Shop, telling: Telling, kind: str, text: str, at: datetime, *, then: str
) -> None:
    ticket = telling.ticket
    if ticket is None:
        return
    telling.agent = telling.agent or choose_agent(shop, telling)
    by = Actor.for_user(telling.agent)
    text = placeholders.fill_placeholders(text, {"agent": telling.agent.short_name})
    ticket.refresh_from_db()
    ticket.set_assignee(telling.agent, by=by, now=at, data={"reason": "history"})
    if kind == "note":
        replies.note(ticket, Words(text), by=by, now=at)
    else:
        if not find_recipients(ticket).address:  # told on the phone
            claims.add_claim(ticket, "email", telling.customer.email, by=by, now=at)
        replies.reply(ticket, Words(text), by=by, now=at, then=then)
        channels.mark_chat_read(telling, at=at + timedelta(seconds=4))


def _channel(shop: Shop, telling: Telling) -> Channel:
    slug = "email" if telling.story.channel == "phone" else telling.story.channel
    return shop.channels[slug, telling.story.language]

"""The last two hours of the demonstration, minute by minute, through the router itself.

People come in, mail is assigned to them with reasons, chats are offered and accepted, somebody takes a
break; and some things are left for whoever signs in first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from helpdesk.demo import channels, telling
from helpdesk.demo.channels import Telling
from helpdesk.demo.shop import Shop
from helpdesk.demo.stories import WAITING, Story
from helpdesk.demo.strangers import receive_unexpected_mail
from helpdesk.demo.talks import TALKS
from routing.assigning import assignment, offers, work_items
from routing.dispatch import run
from routing.models import Agent, Offer, Presence
from routing.workforce import presence
from tickets.actor import Actor
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.models import Customer, Draft, Ticket
from tickets.promises import callbacks

LASTS = timedelta(minutes=120)
PEOPLE_STAY = timedelta(hours=4)  # as if their pages stayed open; then they have gone home
EARLY = ("Alice Laurent", "Bob Lewis")
LATE = ("Chloé Martin", "David Osei", "Emma Roche", "Hugo Stern")
BREAKS = {"Alice Laurent": 10, "Bob Lewis": 25}
FOCUSED = ("Chloé Martin", "Emma Roche", "Hugo Stern")

ANSWER = {
    "en": "Hello {name},\n\nthank you for your patience. I have asked the warehouse and write to you again today, "
    "with a day and a time.",
    "fr": "Bonjour {name},\n\nMerci de votre patience. J’ai interrogé l’entrepôt et je vous réécris aujourd’hui, "
    "avec un jour et une heure.",
}
SUMMARY = {
    "en": "Photo received, refund agreed. Only the bank’s confirmation is missing; I promised a word today.",
    "fr": "Photo reçue, remboursement accordé. Il manque la confirmation de la banque ; j’ai promis un mot ce jour.",
}
BEGUN = {
    "en": "Hello {name},\n\nI have just spoken with our warehouse: ",
    "fr": "Bonjour {name},\n\nJe viens d’avoir l’entrepôt au téléphone : ",
}
HINT = {
    "en": "Warehouse says it is on the shelf in Lyon, they can ship today before 16:00.",
    "fr": "L’entrepôt dit que c’est en stock à Lyon, expédition possible ce jour avant 16 h.",
}


def day_start(now: datetime) -> datetime:
    """Return the moment from which the day is played minute by minute."""
    return now - LASTS


def play_last_hours(shop: Shop, *, now: datetime, random: Random, number: int) -> None:
    """Play the last two hours; `number` is the first story number that is not used yet."""
    start = day_start(now)
    for place, names in enumerate((EARLY, LATE)):
        _sign_in(shop, names, start + timedelta(minutes=6 * place))
        run.run_pass(start + timedelta(minutes=6 * place + 1))
    chats = [story for story in TALKS if story.channel == "chat"]
    for place, minutes in enumerate((14, 31, 52)):
        story = chats[place * 3 % len(chats)]
        customer = random.choice(shop.customers[story.language])
        episode = telling.begin_story(story, customer, number + place, random)
        _chat(shop, episode, start + timedelta(minutes=minutes), declines=place == 1)
    receive_unexpected_mail(shop, start + timedelta(minutes=66))
    _answer_longest_waiting(shop, start + timedelta(minutes=78))
    _hand_over(shop, start + timedelta(minutes=80))
    _missed_calls(shop, start + timedelta(minutes=88))
    _take_breaks(shop, start + timedelta(minutes=105), now=now)
    for place, story in enumerate(WAITING):
        customer = shop.customers[story.language][place * 5 % len(shop.customers[story.language])]
        episode = telling.begin_story(story, customer, number + 10 + place, random)
        telling.play_story(shop, episode, now - timedelta(minutes=14 - 3 * place), until=now)
    _leave_callback(shop, now - timedelta(minutes=9), now=now)
    _leave_draft(shop, now - timedelta(minutes=16))


def _sign_in(shop: Shop, names: Iterable[str], at: datetime) -> None:
    for name in names:
        user = shop.agents[name]
        agent = Agent.objects.get(user=user)
        presence.set_status(agent, Presence.Status.AVAILABLE, by=Actor.for_user(user), now=at)
        presence.record_heartbeat(agent, now=at + LASTS + PEOPLE_STAY)


def _take_breaks(shop: Shop, at: datetime, *, now: datetime) -> None:
    """Set some agents to a break, and others to mail only: nobody takes calls except who signs in."""
    for name in (*EARLY, *LATE):
        user = shop.agents[name]
        agent, by = Agent.objects.get(user=user), Actor.for_user(user)
        if name in BREAKS:
            back = now + timedelta(minutes=BREAKS[name])
            presence.set_status(agent, Presence.Status.AWAY, by=by, now=at, return_at=back)
        elif name in FOCUSED:
            presence.set_status(agent, Presence.Status.FOCUS, by=by, now=at)
        else:
            presence.set_status(agent, Presence.Status.OFFLINE, by=by, now=at)
            continue
        presence.record_heartbeat(agent, now=now + PEOPLE_STAY)


def _chat(shop: Shop, episode: Telling, at: datetime, *, declines: bool) -> None:
    """Send a visitor's message; the chat is offered and accepted (`declines`: by the second agent)."""
    story = episode.story
    channel = shop.channels["chat", story.language]
    outcome = channels.send_chat_message(channel, episode, episode.fill(story.turns[0][1]), at=at)
    if outcome.ticket is None:
        raise RuntimeError(f"The demo's chat was not taken in: {outcome.state} {outcome.why}")
    telling.keep_ticket(shop, episode, outcome.ticket, at=at)
    at = _offered(outcome.ticket, at + timedelta(seconds=2), declines=declines)
    outcome.ticket.refresh_from_db()
    episode.agent = outcome.ticket.assignee
    if episode.agent is None:
        return  # nobody was there who speaks the language
    rest = Story(story.language, story.queue, "chat", story.motive, story.subject, story.turns[1:])
    episode.story = rest
    telling.play_story(shop, episode, at + timedelta(seconds=20), until=at + timedelta(minutes=12))


def _offered(ticket: Ticket, at: datetime, *, declines: bool) -> datetime:
    """Run the router until an agent has accepted the chat; return when that was."""
    for attempt in range(3):
        run.run_pass(at)
        offer = Offer.objects.standing().filter(item__ticket=ticket).select_related("agent__user").first()
        if offer is None:
            return at
        by, at = Actor.for_user(offer.agent.user), at + timedelta(seconds=9)
        if not (declines and attempt == 0):
            offers.accept(offer, by=by, now=at)
            return at
        offers.decline(offer, Offer.Reason.BUSY, by=by, now=at)
    return at


def _answer_longest_waiting(shop: Shop, at: datetime) -> None:
    """Let Alice reply to the longest waiting ticket, which frees capacity."""
    alice = shop.agents["Alice Laurent"]
    mine = Ticket.objects.active().filter(assignee=alice, waiting_since__isnull=False)
    ticket = mine.order_by("waiting_since").first()
    if ticket is not None:
        words = Words(ANSWER[ticket.language].format(name=ticket.customer.name.split()[0]))
        replies.reply(ticket, words, by=Actor.for_user(alice), now=at)
        work_items.reconcile_work_items(at, [ticket.pk])


def _hand_over(shop: Shop, at: datetime) -> None:
    """Let a colleague hand a ticket to Alice, with what she should know."""
    alice = shop.agents["Alice Laurent"]
    there = Ticket.objects.active().filter(assignee__in=shop.agents.values()).exclude(assignee=alice)
    ticket = there.filter(queue__slug="refunds", waiting_since__isnull=False).order_by("id").last()
    if ticket is None:
        return
    by = Actor.for_user(ticket.assignee)
    agent = Agent.objects.get(user=alice)
    assignment.hand_over(ticket, agent, by=by, now=at, summary=SUMMARY[ticket.language])


def _missed_calls(shop: Shop, at: datetime) -> None:
    """Leave a missed call, and a voicemail from a number that two people of one household share."""
    english, french = shop.customers["en"], shop.customers["fr"]
    phone = shop.channels["phone", "fr"]
    channels.report_missed_call(phone, french[5].phone, at=at, key="demo-missed-today")
    transcript = "Hello, it is about the delivery on Friday, could you ring us back? We are in until eight."
    shared = english[6].phone
    channels.report_missed_call(
        phone, shared, at=at + timedelta(minutes=6), key="demo-voicemail-today", transcript=transcript
    )


def _leave_callback(shop: Shop, at: datetime, *, now: datetime) -> None:
    """Create a call back whose window has begun: live work for the first available agent."""
    customer: Customer = shop.customers["en"][0]
    story = Story("en", "orders", "web", "delivery-date", "Please call me about my delivery", (
        ("in", "The driver cannot find our entrance. It is easier to explain on the phone, can somebody call me today?"),
    ), ends="new")  # fmt: skip
    episode = telling.begin_story(story, customer, 9000, Random(1))
    telling.play_story(shop, episode, at, until=now)
    if episode.ticket is not None:
        until = now + timedelta(hours=2)
        by = Actor.for_customer(customer)
        callbacks.request_callback(episode.ticket, customer.phone, from_at=at, until_at=until, by=by, now=at)


def _leave_draft(shop: Shop, at: datetime) -> None:
    """Leave an answer that Alice has begun, and a note for her beside it."""
    alice: Any = shop.agents["Alice Laurent"]
    mine = Ticket.objects.active().filter(assignee=alice, waiting_since__isnull=False).order_by("-id").first()
    if mine is None:
        return
    colleague = Actor.for_user(shop.agents["David Osei"])
    replies.note(mine, Words(HINT[mine.language]), by=colleague, now=at)
    mine.refresh_from_db()
    text = BEGUN[mine.language].format(name=mine.customer.name.split()[0])
    Draft.objects.create(
        ticket=mine, user=alice, kind="reply", text=text, seen_seq=mine.last_seq, updated_at=at
    )

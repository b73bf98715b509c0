"""Fill an empty installation with sixty days of a furniture shop: the same doors and verbs as real life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.demo.ground import DOMAIN, Ground, lay_ground
from helpdesk.demo.stories import PRODUCTS, STORIES, Story
from tickets import conversation, housekeeping, intake
from tickets.actor import Actor
from tickets.channels.email import mailroom
from tickets.channels.web.adapter import document
from tickets.conversation import Words
from tickets.models import Channel, Customer, Outbound, Queue, Ticket

TICKETS = 150
DAYS = 60
PARIS = ZoneInfo("Europe/Paris")
SEED = 20


@dataclass
class _Telling:
    """One story being told to one customer."""

    story: Story
    customer: Customer
    values: dict[str, str]
    number: int
    ticket: Ticket | None = None
    agent: Any = None

    def fill(self, text: str) -> str:
        for key, value in self.values.items():
            text = text.replace("{" + key + "}", value)
        return text


def is_empty() -> bool:
    """Tell whether nobody has set up anything yet."""
    return not Queue.objects.exists()


def load_demo(*, now: datetime, count: int = TICKETS, say: Callable[[str], None] = print) -> int:
    """Make the demonstration; return how many tickets it has. Does nothing where queues exist."""
    if not is_empty():
        return 0
    random = Random(SEED)
    ground = lay_ground(now=now - timedelta(days=DAYS + 1))
    starts = sorted(_start(now, random, place, count) for place in range(count))
    for number, at in enumerate(starts):
        _tell(ground, _telling(ground, number, now - at, random), at, now, random)
        if (number + 1) % 50 == 0:
            say(f"Demo data: {number + 1} of {count} tickets")
    Outbound.objects.filter(state__in=Outbound.WAITING, created_at__lt=now).update(
        state=Outbound.State.SENT, next_attempt_at=None
    )
    housekeeping.close_solved(now=now, limit=count)
    return count


def _start(now: datetime, random: Random, place: int, count: int) -> datetime:
    """Return a moment within opening hours; the last dozen stories begin today or yesterday."""
    age = random.random() * (1.2 if place >= count - 14 else DAYS)
    moment = (now - timedelta(days=age)).astimezone(PARIS)
    moment = moment.replace(
        hour=random.randint(8, 18), minute=random.randint(0, 59), second=random.randint(0, 59)
    )
    return min(moment, now.astimezone(PARIS) - timedelta(minutes=random.randint(2, 90)))


def _telling(ground: Ground, number: int, age: timedelta, random: Random) -> _Telling:
    """Choose a story; one that waits for somebody is young, as in a well-kept shop."""
    longest = {"new": timedelta(days=2), "pending": timedelta(days=6), "on_hold": timedelta(days=9)}
    story = random.choice([s for s in STORIES if age <= longest.get(s.ends, timedelta.max)])
    values = {
        "product": random.choice(PRODUCTS[story.language]),
        "order": f"A-{random.randint(10_000, 99_999)}",
        "amount": str(random.choice((39, 59, 89, 129, 249, 399))),
    }
    customer = random.choice(ground.customers[story.language])
    values["name"] = customer.name.split()[0]
    return _Telling(story, customer, values, number)


def _tell(ground: Ground, telling: _Telling, at: datetime, now: datetime, random: Random) -> None:
    """Let the turns happen one after another; what would lie in the future has not happened yet."""
    story, moment = telling.story, at
    for place, (kind, text) in enumerate(story.turns):
        if place:
            moment += timedelta(minutes=random.randint(8, 200) if kind != "in" else random.randint(30, 2000))
        if moment >= now:
            return
        words = telling.fill(text)
        if kind == "in":
            _customer_says(ground, telling, words, moment)
        else:
            is_last = place == len(story.turns) - 1
            _agent_says(ground, telling, kind, words, moment, then=story.ends if is_last else "pending")
    if telling.ticket is not None and story.turns[-1][0] == "in" and story.ends == "solved":
        telling.ticket.refresh_from_db()
        end = moment + timedelta(minutes=20)
        if telling.agent is not None and end < now:
            telling.ticket.solve(by=Actor.for_user(telling.agent), now=end)


def _customer_says(ground: Ground, telling: _Telling, text: str, at: datetime) -> None:
    slug = telling.story.channel if telling.story.channel in ("email", "web") else "web"
    channel = ground.channels[slug, telling.story.language]
    write = _by_mail if slug == "email" else _by_form
    outcome = write(channel, telling, text, at)
    if outcome.ticket is None:
        raise RuntimeError(f"The demo's message was not taken in: {outcome.state} {outcome.why}")
    if telling.ticket is None:
        telling.ticket = outcome.ticket
        by = Actor.for_customer(telling.customer)
        telling.ticket.move_to(ground.queues[telling.story.queue], by=by, now=at)
        telling.ticket.set_motive(ground.motives[telling.story.motive], by=by, now=at)
    telling.ticket.refresh_from_db()


def _by_form(channel: Channel, telling: _Telling, text: str, at: datetime) -> intake.Outcome:
    form: dict[str, Any] = {
        "email": telling.customer.email,
        "name": telling.customer.name,
        "subject": telling.fill(telling.story.subject),
        "text": text,
        "language": telling.story.language,
    }
    if telling.ticket is not None:
        form["participant"] = {"customer": telling.customer.pk, "ticket": telling.ticket.pk}
    return intake.receive(channel, document(form), source_key=f"demo-{telling.number}-{at:%s}", now=at)


def _by_mail(channel: Channel, telling: _Telling, text: str, at: datetime) -> intake.Outcome:
    mail = EmailMessage()
    mail["From"] = f"{telling.customer.name} <{telling.customer.email}>"
    mail["To"] = channel.address
    mail["Subject"] = telling.fill(telling.story.subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<demo-{telling.number}-{at:%s}@{telling.customer.email.partition('@')[2]}>"
    if telling.ticket is not None:
        last = telling.ticket.outbounds.filter(kind=Outbound.Kind.REPLY).order_by("-id").first()
        if last is not None:
            mail["In-Reply-To"] = last.mail_id
    mail.set_content(text)
    row, _is_new = mailroom.accept(mail.as_bytes(), recipients=[channel.address], now=at)
    return intake.process(row.pk, now=at)


def _agent_says(ground: Ground, telling: _Telling, kind: str, text: str, at: datetime, *, then: str) -> None:
    ticket = telling.ticket
    if ticket is None:
        return
    telling.agent = telling.agent or _agent_for(ground, telling)
    by = Actor.for_user(telling.agent)
    ticket.refresh_from_db()
    ticket.set_assignee(telling.agent, by=by, now=at, data={"reason": "history"})
    if kind == "note":
        conversation.note(ticket, Words(text), by=by, now=at)
    else:
        conversation.reply(ticket, Words(text), by=by, now=at, then=then if then != "new" else "pending")


def _agent_for(ground: Ground, telling: _Telling) -> Any:
    """Continuity first: who answered this customer before, if they work in the queue and speak the language."""
    queue = ground.queues[telling.story.queue]
    able = [
        user
        for user in ground.agents.values()
        if telling.story.language in user.agent.languages and user.memberships.filter(queue=queue).exists()
    ]
    earlier = Ticket.objects.filter(customer=telling.customer, assignee__in=able).order_by("-id").first()
    return earlier.assignee if earlier else able[telling.number % len(able)]


ADDRESSES = tuple(f"{name}@{DOMAIN}" for name in ("alice", "bob", "carol", "admin"))

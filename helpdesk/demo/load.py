"""Fill an empty installation with sixty days of a furniture shop: the same doors and verbs as real life."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.db.models import F

from helpdesk.demo import answers, telling, today
from helpdesk.demo.estimates import estimates_of_the_day
from helpdesk.demo.shop import create_shop
from helpdesk.demo.stories import STORIES, Story
from helpdesk.demo.talks import TALKS
from metrics.facts import derive
from routing.continuity import relationships
from tickets import housekeeping
from tickets.models import Customer, Outbound, Queue, Ticket

TICKETS = 150
YOUNG = 5  # of each of so many one began today or yesterday
DAYS = 60
SEED = 20
PARIS = ZoneInfo("Europe/Paris")
STILL_TO_SEND = timedelta(hours=3)
LONGEST = {
    "new": timedelta(days=1),
    "open": timedelta(days=2),
    "pending": timedelta(days=6),
    "on_hold": timedelta(days=9),
}


def is_empty() -> bool:
    """Tell whether nobody has set up anything yet."""
    return not Queue.objects.exists()


def load_demo(*, now: datetime, count: int = TICKETS, say: Callable[[str], None] = print) -> int:
    """Make the demonstration; return how many tickets it has. Does nothing where queues exist."""
    if not is_empty():
        return 0
    random = Random(SEED)
    shop = create_shop(now=now - timedelta(days=DAYS + 1))
    begins = today.day_start(now)
    starts = sorted(_start(begins, random, is_young=place % YOUNG == 0) for place in range(count))
    uses: Counter[str] = Counter()
    with estimates_of_the_day():
        for number, at in enumerate(starts):
            story = _story(random, now - at, uses)
            customer = random.choice(shop.customers[story.language])
            telling.play_story(shop, telling.begin_story(story, customer, number, random), at, until=begins)
            if (number + 1) % 50 == 0:
                say(f"Demo data: {number + 1} of {count} tickets")
    relationships.rebuild_relationships()
    today.play_last_hours(shop, now=now, random=random, number=count)
    _settle(now, limit=2 * count)
    answers.collect_answers(now=now, days=DAYS, random=random)
    _send_what_is_old(now)
    Customer.objects.update(is_demo=True)  # also those who came by without being known
    return Ticket.objects.count()


def _start(begins: datetime, random: Random, *, is_young: bool) -> datetime:
    """Return a moment within opening hours, before the part of today that is told minute by minute."""
    age = random.random() * (1.2 if is_young else DAYS)
    moment = (begins - timedelta(days=age)).astimezone(PARIS)
    moment = moment.replace(
        hour=random.randint(8, 18), minute=random.randint(0, 59), second=random.randint(0, 59)
    )
    return min(moment, begins.astimezone(PARIS) - timedelta(minutes=random.randint(2, 90)))


def _story(random: Random, age: timedelta, uses: Counter[str]) -> Story:
    """Choose a story that was not played often yet; stories that still wait begin recently."""
    fitting = [s for s in (*STORIES, *TALKS) if age <= LONGEST.get(s.ends, timedelta.max)]
    waiting = [s for s in fitting if s.ends in ("new", "open")]
    among = waiting if waiting and random.random() < 0.5 else fitting
    story = min(among, key=lambda s: (uses[s.subject], random.random()))
    uses[story.subject] += 1
    return story


def _settle(now: datetime, *, limit: int) -> None:
    """Do what the sweeps would have done meanwhile: close tickets, derive facts, note relationships."""
    for days in range(DAYS, -1, -2):
        housekeeping.close_solved(now=now - timedelta(days=days, hours=2), limit=limit)
    relationships.refresh_relationships(now)
    derive.rebuild_facts(now=now)


def _send_what_is_old(now: datetime) -> None:
    """Mark what was written before this morning as sent; the rest leaves for the page of sent mails."""
    old = Outbound.objects.filter(state__in=Outbound.WAITING, created_at__lt=now - STILL_TO_SEND)
    old.update(state=Outbound.State.SENT, attempts=1, sent_at=F("created_at"), next_attempt_at=None)

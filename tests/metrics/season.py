"""Some weeks of a helpdesk, written straight as tickets and events: enough to look at every chart."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from metrics.facts import derive
from metrics.models import Survey
from tests import make
from tests.metrics.story import DAY, HOUR, motive
from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.models import Event, Promise, Ticket

MINUTE = timedelta(minutes=1)


def pass_by(cast, *, until: datetime, days: int = 60, a_day: int = 8, seed: int = 1) -> int:
    """Let `days` days go by with about `a_day` tickets each; return how many tickets there were."""
    rng = random.Random(seed)
    people = [make.customer(f"Customer {n}", f"customer{n}@x.example") for n in range(80)]
    motives = [motive("delivery"), motive("refund"), motive("repair")]
    log: list[Event] = []
    count = 0
    for age in range(days, 0, -1):
        day = until - age * DAY
        for _ in range(rng.randint(a_day // 2, a_day * 2) // (3 if day.weekday() > 4 else 1)):
            at = day.replace(
                hour=rng.choice([8, 9, 9, 10, 10, 11, 13, 14, 15, 16, 20]), minute=rng.randint(0, 59)
            )
            log += _one(cast, rng, min(at, until - HOUR), until, rng.choice(people), rng.choice(motives))
            count += 1
    Event.objects.bulk_create(log)
    derive.rebuild_facts(now=until)
    return count


def _one(cast, rng, at, until, customer, about) -> list[Event]:
    queue = rng.choice([cast.orders, cast.orders, cast.refunds])
    ticket = Ticket.objects.create(
        queue=queue, channel=rng.choice([cast.web, cast.mailbox]), customer=customer,
        created_at=at, updated_at=at, state="open",
        subject=rng.choice(["Broken lamp", "Where is my order?", "Refund of an order"]),
    )  # fmt: skip
    said = _Said(ticket, until)
    theirs, ours = Actor.for_customer(customer), Actor.for_user(rng.choice([cast.alice, cast.bob]))
    said(
        "ticket.created",
        theirs,
        at,
        data={"customer": customer.pk, "direction": "in"},
        channel=ticket.channel.slug,
    )
    said(
        "contact.start",
        theirs,
        at,
        contact_id=ticket.pk * 10,
        data={"is_live": False},
        channel=ticket.channel.slug,
    )
    said("message.in", theirs, at, contact_id=ticket.pk * 10, data={"message": ticket.pk * 10})
    said("motive.set", ours, at, data={"motive": about.pk})
    answered = at + timedelta(seconds=rng.lognormvariate(9, 1.2))
    due = at + 6 * HOUR
    promise = Promise(ticket=ticket, from_at=at, due_at=due, made_at=at)
    promise.save()
    said(
        "promise.made", SYSTEM, at, data={"promise": promise.pk, "due_at": due.isoformat(), "kind": "answer"}
    )
    if answered > until:
        Ticket.objects.filter(pk=ticket.pk).update(waiting_since=at)
        return said.log
    said("message.out", ours, answered, data={"message": ticket.pk * 10 + 1, "is_auto": False})
    said("contact.end", ours, answered, contact_id=ticket.pk * 10, data={"is_live": False})
    kept = answered <= due
    Promise.objects.filter(pk=promise.pk).update(**{"kept_at" if kept else "broken_at": min(answered, due)})
    said(
        "promise.kept" if kept else "promise.broken", SYSTEM, min(answered, due), data={"promise": promise.pk}
    )
    if rng.random() < 0.9:
        _solve(cast, rng, said, ours, theirs, answered + 5 * MINUTE)
    return said.log


def _solve(cast, rng, said, ours, theirs, at) -> None:
    ticket = said.ticket
    said("ticket.resolved", ours, at, data={"from": "open", "to": "solved"})
    said("ticket.waits_on", ours, at, data={"from": "us", "to": "nobody"})
    if at < said.until:
        Ticket.objects.filter(pk=ticket.pk).update(state="solved", solved_at=at)
    if rng.random() < 0.2:
        back = at + timedelta(days=rng.expovariate(1 / 5))
        said("contact.start", theirs, back, contact_id=ticket.pk * 10 + 1, data={"is_live": False})
        said("message.in", theirs, back, contact_id=ticket.pk * 10 + 1, data={"message": ticket.pk * 10 + 2})
        said("ticket.reopened", theirs, back, cause="customer")
        said("ticket.waits_on", theirs, back, data={"from": "nobody", "to": "us"})
    asked = at + DAY
    if asked < said.until and rng.random() < 0.5:
        score = rng.choice([None, None, 1, 3, 4, 5, 6, 6, 7, 7])
        Survey.objects.create(
            ticket=ticket, customer=ticket.customer, queue_id=ticket.queue_id, channel=ticket.channel.slug,
            solved_at=at, resolver_id=int(ours.id), created_at=asked, expires_at=asked + 14 * DAY,
            state="answered" if score else "invited", score=score, answered_at=asked if score else None,
            comment="Quick and kind." if score and score > 5 else "",
        )  # fmt: skip


class _Said:
    """Collects a ticket's events, up to now."""

    def __init__(self, ticket, until) -> None:
        self.ticket, self.until = ticket, until
        self.log: list[Event] = []

    def __call__(self, kind, by, at, **details) -> None:
        if at <= self.until:
            self.log.append(events.build_event(kind, ticket=self.ticket, by=by, at=at, **details))

"""Chance draws things that can happen to tickets, each as the events it leaves."""

import random
from datetime import timedelta

from tests import make
from tests.metrics.story import DAY, HOUR, motive
from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.models import Customer, Event, Ticket


def bare_ticket(cast, customer, at):
    ticket = Ticket.objects.create(
        queue=cast.orders, channel=cast.web, customer=customer, created_at=at, updated_at=at
    )
    by = Actor.for_customer(customer)
    made = {"customer": customer.pk, "direction": "in"}
    events.record("ticket.created", ticket=ticket, by=by, at=at, data=made, channel="web")
    events.record(
        "contact.start", ticket=ticket, by=by, at=at, contact_id=ticket.pk * 1000, data={"is_live": False}
    )
    said = {"message": ticket.pk * 1000, "is_auto": False, "customer": customer.pk}
    events.record("message.in", ticket=ticket, by=by, at=at, contact_id=ticket.pk * 1000, data=said)
    return ticket


class Chance:
    """Draw things that can happen to tickets, each as the events it leaves."""

    def __init__(self, cast, seed, now):
        self.cast, self.random, self.now, self.tickets, self.count = cast, random.Random(seed), now, [], 0
        self.people = [cast.dana, cast.emile, *(make.customer(f"P{n}", f"p{n}@x.example") for n in range(2))]
        self.motives = [motive("a"), motive("b")]

    def step(self):
        self.count += 1
        self.now += self.random.choice([timedelta(minutes=1), HOUR, DAY, 6 * DAY])
        if len(self.tickets) < 3 or self.random.random() < 0.15:
            self.tickets.append(bare_ticket(self.cast, self.random.choice(self.people), self.now))
            return
        self.random.choice([
            self.writes, self.answers, self.resolves, self.reopens, self.ticks, self.is_about, self.moves,
            self.links, self.merges, self.spams, self.promises, self.changes_customer, self.merges_people,
        ])(self.random.choice(self.tickets))  # fmt: skip

    def say(self, kind, ticket, by=None, **details):
        by = by or Actor.for_user(self.cast.alice)
        events.record(kind, ticket=ticket, by=by, at=self.now, **details)

    def writes(self, ticket):
        key = ticket.pk * 1000 + self.count
        by = Actor.for_customer(self.cast.dana)
        self.say("contact.start", ticket, by, contact_id=key, data={"is_live": self.random.random() < 0.3})
        self.say("message.in", ticket, by, contact_id=key, data={"message": key, "is_chaser": True})
        if self.random.random() < 0.5:
            self.reopens(ticket, cause="customer")

    def answers(self, ticket):
        self.say("message.out", ticket, data={"message": self.count, "is_auto": False})
        for contact in Event.objects.filter(ticket=ticket, kind="contact.start").values_list(
            "contact_id", flat=True
        ):
            self.say("contact.end", ticket, contact_id=contact)
        self.say("ticket.waits_on", ticket, data={"from": "us", "to": "customer"})

    def resolves(self, ticket):
        by = self.random.choice([SYSTEM, Actor.for_user(self.cast.bob)])
        self.say("ticket.resolved", ticket, by)
        self.say("ticket.waits_on", ticket, by, data={"from": "us", "to": "nobody"})

    def reopens(self, ticket, cause="agent"):
        self.say("ticket.reopened", ticket, cause=cause)
        self.say("ticket.waits_on", ticket, data={"from": "nobody", "to": "us"})

    def ticks(self, ticket):
        said = Event.objects.filter(ticket=ticket, kind="message.in").latest("id")
        flag = {"message": said.data["message"], "needs_no_action": self.random.random() < 0.7}
        self.say("message.no_action", ticket, data=flag)

    def is_about(self, ticket):
        self.say("motive.set", ticket, data={"motive": self.random.choice(self.motives).pk})

    def moves(self, ticket):
        self.say(
            "queue.entered", ticket, queue_id=self.random.choice([self.cast.orders.pk, self.cast.refunds.pk])
        )

    def links(self, ticket):
        other = self.random.choice(self.tickets)
        self.say(
            "ticket.linked",
            ticket,
            data={"target": other.pk, "kind": self.random.choice(["related", "quotes"])},
        )

    def merges(self, ticket):
        other = self.random.choice(self.tickets)
        if other != ticket:
            self.say("ticket.merged", ticket, data={"into": self.random.choice([other.pk, None])})

    def spams(self, ticket):
        self.say("ticket.spam", ticket, data={"is_spam": self.random.random() < 0.6})

    def promises(self, ticket):
        key = self.random.randint(1, 5) + ticket.pk * 100
        due = {"promise": key, "due_at": (self.now + HOUR).isoformat(), "kind": "answer"}
        made = Event.objects.filter(kind="promise.made", data__promise=key).exists()
        kind = (
            self.random.choice(["promise.kept", "promise.broken", "promise.changed"])
            if made
            else "promise.made"
        )
        self.say(kind, ticket, SYSTEM, data={"promise": key} if made else due)

    def changes_customer(self, ticket):
        self.say("ticket.customer", ticket, data={"from": 0, "to": self.random.choice(self.people).pk})

    def merges_people(self, _ticket):
        source, target = self.random.sample(self.people, 2)
        source.refresh_from_db()
        undo = source.merged_into_id is not None
        if not undo and Customer.objects.filter(pk=target.pk, merged_into=None).exists() is False:
            return
        if not undo and Customer.objects.filter(merged_into=source).exists():
            return
        people = {"from": source.pk, "to": source.merged_into_id if undo else target.pk}
        Customer.objects.filter(pk=source.pk).update(merged_into=None if undo else target.pk)
        events.record("identity.unmerged" if undo else "identity.merged", by=SYSTEM, at=self.now, data=people)

"""Incremental facts are the facts: in any order, in any batches, however late a transaction commits."""

import random
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from metrics import facts
from metrics.models import FactContact, FactIssue, FactPromise, FactTicket, FactWaitSegment, Watermark
from tests import make
from tests.metrics.story import DAY, HOUR, motive
from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.models import Customer, Event, Ticket


def everything():
    """Return all facts as plain values, without the numbers that a row gets by the way."""
    found = {}
    for model in (FactTicket, FactIssue, FactContact, FactWaitSegment, FactPromise):
        fields = [f.attname for f in model._meta.concrete_fields if f.attname != "id"]
        found[model.__name__] = sorted(model._default_manager.values_list(*fields), key=repr)
    return found


def rebuilt(now):
    facts.rebuild(now=now)
    return everything()


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


@pytest.mark.parametrize("seed", range(8))
def test_refreshing_step_by_step_equals_rebuilding_from_nothing(cast, now, seed):
    chance = Chance(cast, seed, now)
    for _ in range(90):
        chance.step()
        if chance.random.random() < 0.3:
            facts.refresh(now=chance.now)
        if chance.random.random() < 0.1:
            facts.derive([chance.random.choice(chance.tickets).pk])
    facts.refresh(now=chance.now)
    incremental = everything()
    assert incremental["FactIssue"]
    assert incremental == rebuilt(chance.now)


def test_nothing_new_means_nothing_derived(cast, now):
    make.ticket(cast.web, cast.dana, now=now)
    assert facts.refresh(now=now) == 1
    assert facts.refresh(now=now + HOUR) == 0


def test_a_small_limit_only_takes_more_turns(cast, now):
    for _ in range(5):
        make.ticket(cast.web, cast.dana, now=now)
    assert [facts.refresh(now=now, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_facts_of_a_ticket_without_events_are_forgotten(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    facts.refresh(now=now)
    FactTicket.objects.filter(pk=ticket.pk).update(ticket_id=ticket.pk + 999)
    assert facts.rebuild(now=now) == 1
    assert list(FactTicket.objects.values_list("pk", flat=True)) == [ticket.pk]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_not_missed(cast, now):
    """A transaction draws a small event id, another commits a larger one and moves the mark first."""
    early, late = make.ticket(cast.web, cast.dana, now=now), make.ticket(cast.web, cast.emile, now=now)
    facts.refresh(now=now)
    written, may_commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            late.set_motive(motive("slow"), by=SYSTEM, now=now)
            written.set()
            may_commit.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(20)
    early.set_motive(motive("quick"), by=SYSTEM, now=now)
    for minutes in range(1, 6):
        facts.refresh(now=now + timedelta(minutes=minutes))
    behind = Watermark.objects.get().settled_id
    may_commit.set()
    thread.join(20)
    assert behind < Event.objects.get(kind="motive.set", ticket=late).pk
    facts.refresh(now=now + timedelta(minutes=6))
    assert FactTicket.objects.get(pk=late.pk).motive_id == motive("slow").pk
    facts.refresh(now=now + timedelta(minutes=7))
    facts.refresh(now=now + timedelta(minutes=8))
    assert Watermark.objects.get().settled_id == Event.objects.latest("id").pk


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_facts_do_not_meet(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    results = []

    def other():
        results.append(facts.refresh(now=now))
        connection.close()

    with transaction.atomic():
        facts.derive([ticket.pk])
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)
    assert results == [0]
    assert FactTicket.objects.count() == 1

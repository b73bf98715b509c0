"""The wall: one picture for everybody, honest about its age, cut to what one may see."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import translation

from metrics.facts import derive
from metrics.models import WallSnapshot
from metrics.pages import wall_words, wallboard
from routing.workforce import agents, presence
from tests import make
from tests.metrics.story import DAY, HOUR, answer, solved
from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.models import Promise, QueueMembership
from tickets.platform.locks import Lock
from tickets.promises.promises import mark_overdue_broken

MINUTE = timedelta(minutes=1)


def promise(ticket, due_at, *, made_at):
    made = Promise.objects.create(ticket=ticket, from_at=made_at, due_at=due_at, made_at=made_at)
    said = {"promise": made.pk, "due_at": due_at.isoformat(), "certainty": 0.8, "kind": "answer"}
    events.record("promise.made", ticket=ticket, by=SYSTEM, at=made_at, data=said)
    return made


def seen(cast, now, *queues):
    chosen = queues or (cast.orders, cast.refunds)
    return wallboard.cut_to_queues(wallboard.load_snapshot(now=now), [q.pk for q in chosen])


def there(cast, name, now):
    user = getattr(cast, name)
    agent = agents.make_agent(user, now=now)
    presence.record_heartbeat(agent, now=now)
    presence.set_status(agent, "available", by=Actor.for_user(user), now=now)


def test_who_waits_is_counted_by_the_customers_clock(cast, now):
    make.ticket(cast.web, cast.dana, now=now - 3 * HOUR)
    make.ticket(cast.web, cast.emile, now=now - HOUR)
    answer(make.ticket(cast.web, cast.emile, now=now - 5 * HOUR), cast.acting("alice"), now - 4 * HOUR)
    solved(cast, at=now - 6 * HOUR)
    make.ticket(cast.web, cast.dana, now=now - 7 * HOUR).mark_spam(by=cast.acting("alice"), now=now)
    wall = seen(cast, now)
    assert (wall.waiting, wall.since) == (2, now - 3 * HOUR)


def test_promises_near_their_end_are_at_risk_and_late_ones_are_late(cast, now):
    first, second = (
        make.ticket(cast.web, cast.dana, now=now - HOUR),
        make.ticket(cast.web, cast.emile, now=now - HOUR),
    )
    promise(first, now + 20 * MINUTE, made_at=now - HOUR)
    promise(second, now - 5 * MINUTE, made_at=now - HOUR)
    mark_overdue_broken(now=now)
    promise(make.ticket(cast.web, cast.dana, now=now), now + 40 * MINUTE, made_at=now)
    [orders, _refunds] = seen(cast, now).queues
    assert (orders.at_risk, orders.late, orders.is_behind) == (1, 1, True)


def test_promises_of_the_hour_come_with_n_and_interval(cast, now):
    for minutes in (10, 20, 70):
        ticket = make.ticket(cast.web, cast.dana, now=now - 2 * HOUR)
        promise(ticket, now - minutes * MINUTE, made_at=now - 2 * HOUR)
        if minutes != 20:
            answer(ticket, cast.acting("alice"), now - (minutes + 1) * MINUTE)
    mark_overdue_broken(now=now)
    derive.refresh_facts(now=now)
    kept = seen(cast, now).kept
    assert (kept.numerator, kept.denominator) == (1, 2)


def test_people_are_those_there_of_those_planned(cast, now):
    there(cast, "alice", now)
    there(cast, "carol", now)  # a supervisor is not counted on
    [orders, refunds] = seen(cast, now).queues
    assert (orders.there, refunds.there) == (1, 1)
    assert orders.planned == 1
    assert orders.busy == 0


def test_queues_in_trouble_come_first(cast, now):
    make.ticket(cast.web, cast.dana, now=now - HOUR)
    ticket = make.ticket(cast.web, cast.emile, now=now - MINUTE)
    ticket.move_to(cast.refunds, by=cast.acting("alice"), now=now)
    promise(ticket, now + MINUTE, made_at=now - MINUTE)
    assert [q.queue for q in seen(cast, now).queues] == [cast.refunds.pk, cast.orders.pk]


def test_one_picture_serves_everybody_for_two_seconds(cast, now, django_assert_num_queries):
    seen(cast, now)
    make.ticket(cast.web, cast.dana, now=now)
    with django_assert_num_queries(1):
        assert seen(cast, now + timedelta(seconds=1)).waiting == 0
    assert seen(cast, now + timedelta(seconds=2)).waiting == 1
    assert WallSnapshot.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_while_one_takes_the_picture_the_others_show_the_last_one(cast, now):
    seen(cast, now)
    found = []

    def another():
        found.append(wallboard.load_snapshot(now=now + HOUR).at)
        connection.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [Lock.WALLBOARD.value])
        thread = threading.Thread(target=another)
        thread.start()
        thread.join(20)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [Lock.WALLBOARD.value])
    assert found == [now]
    assert wallboard.load_snapshot(now=now + HOUR).at == now + HOUR


def test_the_change_is_known_after_a_quarter_of_an_hour(cast, now):
    make.ticket(cast.web, cast.dana, now=now)
    assert seen(cast, now).change is None
    for _ in range(3):
        make.ticket(cast.web, cast.dana, now=now + MINUTE)
    for minutes in range(1, 16):
        wall = seen(cast, now + minutes * MINUTE)
    assert wall.change == 3
    assert len(WallSnapshot.objects.get().data["history"]) <= 19


def test_an_old_picture_says_so(cast, now):
    wall = seen(cast, now)
    assert not wall.is_stale(now=now + timedelta(seconds=10))
    assert wall.is_stale(now=now + timedelta(seconds=11))


def test_advice_names_the_queue_and_the_facts(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now - HOUR)
    promise(ticket, now + MINUTE, made_at=now - HOUR)
    names = {cast.orders.pk: "Orders", cast.refunds.pk: "Refunds"}
    with translation.override("en"):
        assert wall_words.choose_advice(seen(cast, now), names) == (
            "Nobody is online in Orders.",
            "1 promise is due within 30 minutes.",
        )
        there(cast, "alice", now)
        later = now + 3 * timedelta(seconds=1)
        title, facts_ = wall_words.choose_advice(seen(cast, later), names)
        assert title == "Look at Orders first."
        assert facts_ == "1 promise is due within 30 minutes. 1 agent is online."


def late_in(cast, queue, now):
    ticket = make.ticket(cast.web, cast.dana, now=now - HOUR)
    if queue != cast.orders:
        ticket.move_to(queue, by=cast.acting("alice"), now=now - HOUR)
    promise(ticket, now - MINUTE, made_at=now - HOUR)


def test_each_queue_that_is_behind_is_named(cast, now):
    there(cast, "alice", now)
    late_in(cast, cast.orders, now)
    late_in(cast, cast.refunds, now)
    mark_overdue_broken(now=now)
    title, facts = wall_words.choose_advice(
        seen(cast, now), {cast.orders.pk: "Orders", cast.refunds.pk: "Refunds"}
    )
    assert title in ("Orders and Refunds are behind.", "Refunds and Orders are behind.")
    assert "Refunds: 1 customer waits longer than promised. 1 agent is online." in facts


def test_a_queue_without_anybody_does_not_hide_one_that_is_behind(cast, now):
    there(cast, "alice", now)
    QueueMembership.objects.filter(user=cast.alice, queue=cast.refunds).delete()
    late_in(cast, cast.orders, now)
    late_in(cast, cast.refunds, now)
    mark_overdue_broken(now=now)
    title, _facts = wall_words.choose_advice(
        seen(cast, now), {cast.orders.pk: "Orders", cast.refunds.pk: "Refunds"}
    )
    assert title == "Nobody is online in Refunds. Orders is behind."


def test_late_promises_are_shown_beside_those_at_risk(client, cast, now):
    late_in(cast, cast.orders, now)
    late_in(cast, cast.orders, now)
    mark_overdue_broken(now=now)
    seen(cast, now)
    client.force_login(cast.alice)
    text = client.get(reverse("metrics:picture")).text
    assert "promises: 2 already late, 0 at risk in 30 min" in text


def test_without_trouble_there_is_no_advice(cast, now):
    make.ticket(cast.web, cast.dana, now=now)
    assert wall_words.choose_advice(seen(cast, now), {cast.orders.pk: "O", cast.refunds.pk: "R"}) == (
        "",
        "",
    )


def test_the_page_shows_only_queues_one_works_in(client, cast):
    client.force_login(cast.alice)
    text = client.get(reverse("metrics:wallboard")).text
    assert "Orders" in text
    assert "Legal" not in text
    client.force_login(cast.mallory)
    text = client.get(reverse("metrics:picture")).text
    assert "Legal" in text
    assert "Orders" not in text


def test_no_name_of_a_person_is_on_the_wall(client, cast, now):
    there(cast, "alice", now)
    make.ticket(cast.web, cast.dana, now=now)
    client.force_login(cast.carol)
    text = client.get(reverse("metrics:picture")).text
    assert "Alice" not in text
    assert "Dana" not in text


def test_a_membership_that_has_ended_shows_nothing(client, cast, now):
    QueueMembership.objects.filter(user=cast.mallory).update(until=now - 400 * DAY)
    client.force_login(cast.mallory)
    assert "You are not a member of any queue yet" in client.get(reverse("metrics:picture")).text


def test_signed_out_the_page_is_told_to_load_again(client, cast):
    assert client.get(reverse("metrics:wallboard")).status_code == 302
    fragment = client.get(reverse("metrics:picture"))
    assert (fragment.status_code, fragment.headers["HX-Refresh"]) == (401, "true")

"""Two routers at once, with the lock and without it: nothing twice, nothing over capacity, nothing lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.db.models import Count

from routing.assigning import assignment, offers, work_items
from routing.dispatch import persist, snapshot
from routing.dispatch import run as dispatch
from routing.engine.deciding import decide
from routing.errors import TakenMeanwhile
from routing.models import Decision, Offer, Presence, WorkItem
from routing.workforce import presence
from tests.cast import NOON, assemble
from tests.routing.scene import assignee, chat, load_work_item, mail, offer_of, seconds, there
from tickets.models import Ticket
from tickets.platform.locks import Lock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db):
    return assemble()


def at_once(*calls):
    """Run calls in threads that start together; return what each returned or raised."""
    barrier = Barrier(len(calls))

    def run(call):
        try:
            barrier.wait()
            return call()
        except Exception as error:  # noqa: BLE001  (the test looks at what was raised)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def write_without_lock(barrier):
    """Decide and write as dispatch does, but past its lock, after everybody has looked."""

    def run():
        try:
            with transaction.atomic():
                picture = snapshot.take_snapshot(NOON)
                barrier.wait()
                decisions = decide(picture.items, picture.team, picture.policy, NOON.timestamp())
                assigned = persist.assign_many(decisions, picture, now=NOON)
                return assigned + persist.offer_many(decisions, picture, now=NOON)
        except IntegrityError:
            return 0

    return run


def race(routers):
    barrier = Barrier(routers)
    return at_once(*[write_without_lock(barrier) for _ in range(routers)])


def test_second_router_leaves_at_once(cast):
    there(cast.alice)
    for person in (cast.dana, cast.emile):
        mail(cast, person)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [Lock.ROUTING.value, dispatch.RECONCILIATION])
        (other,) = at_once(lambda: dispatch.run_pass(NOON))
    assert not other.is_mine
    assert not Decision.objects.exists()


def test_routers_at_once_give_everything_once(cast):
    there(cast.alice)
    there(cast.bob)
    for person in (cast.dana, cast.emile):
        mail(cast, person)
    at_once(*[lambda: dispatch.run_pass(NOON)] * 4)
    dispatch.run_pass(NOON)
    assert WorkItem.objects.taken().count() == 2
    assert Decision.objects.filter(how="engine").count() == 2


def test_mail_is_given_once_even_past_the_lock(cast):
    there(cast.alice)
    there(cast.bob)
    tickets = [mail(cast, person) for person in (cast.dana, cast.emile)]
    work_items.reconcile_work_items(NOON)
    assert sum(race(3)) == 2
    assert {assignee(ticket) for ticket in tickets} == {cast.alice, cast.bob}
    per_item = Decision.objects.values("item").annotate(n=Count("pk"))
    assert {row["n"] for row in per_item} == {1}


def test_last_place_is_filled_once_even_past_the_lock(cast):
    alice = there(cast.alice, places=1)
    mail(cast)
    mail(cast, cast.emile)
    work_items.reconcile_work_items(NOON)
    first, second = WorkItem.objects.order_by("pk").values_list("pk", flat=True)

    def give(item):
        def run():
            with transaction.atomic():
                picture = snapshot.take_snapshot(NOON)
                items = [one for one in picture.items if one.id == item]
                decisions = decide(items, picture.team, picture.policy, NOON.timestamp())
                return persist.assign_many(decisions, picture, now=NOON)

        return run

    assert sorted(at_once(give(first), give(second))) == [0, 1]
    assert WorkItem.objects.taken().filter(agent=alice).count() == 1


def test_person_is_offered_one_thing_even_past_the_lock(cast):
    alice = there(cast.alice)
    chat(cast)
    chat(cast, cast.emile)
    work_items.reconcile_work_items(NOON)
    race(3)
    assert Offer.objects.standing().filter(agent=alice).count() == 1
    assert Presence.objects.get(pk=alice.pk).free_units == 67


def test_two_people_who_take_the_same_ticket_get_one_yes_and_one_no(cast):
    there(cast.alice)
    there(cast.bob)
    ticket = mail(cast)
    takers = [
        lambda name=name: assignment.assign_to_me(ticket, by=cast.acting(name), now=NOON)
        for name in ("alice", "bob")
    ]
    answers = at_once(*takers)
    assert {type(answer) for answer in answers} == {Decision, TakenMeanwhile}
    assert with_whom(ticket) == assignee(ticket)


def with_whom(ticket):
    return get_user_model().objects.get(agent__work_items__ticket=ticket)


def test_hand_and_router_agree_on_who_has_it(cast):
    there(cast.alice)
    bob = there(cast.bob)
    ticket = mail(cast)
    work_items.reconcile_work_items(NOON)
    at_once(
        lambda: dispatch.run_pass(NOON),
        lambda: assignment.assign(ticket, bob, by=cast.acting("carol"), now=NOON),
    )
    assert load_work_item(ticket).state == "taken"
    assert with_whom(ticket) == assignee(ticket)


def offered_to_alice(cast):
    there(cast.alice)
    ticket = chat(cast)
    dispatch.run_pass(NOON)
    return offer_of(ticket)


def wait_until_somebody_waits():
    with connection.cursor() as cursor:
        is_waiting = False
        while not is_waiting:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            (is_waiting,) = cursor.fetchone()


def without_waiting(call):
    """Return a call that raises instead of waiting long for a lock."""

    def run():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        return call()

    return run


def test_no_waits_for_a_yes_and_holds_nothing_it_needs(cast):
    offer = offered_to_alice(cast)
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Ticket.objects.select_for_update().get(pk=offer.item.ticket_id)  # as a yes begins
            no = threads.submit(
                at_once, lambda: offers.decline(offer, "break", by=cast.acting("alice"), now=NOON)
            )
            wait_until_somebody_waits()
            Offer.objects.select_for_update(nowait=True).get(pk=offer.pk)
            WorkItem.objects.select_for_update(nowait=True).get(pk=offer.item_id)
        assert no.result() == [True]


@pytest.mark.parametrize("model", [Ticket, WorkItem, Offer])
def test_offer_in_somebodys_hands_is_left_to_the_next_pass(cast, model):
    offer = offered_to_alice(cast)
    over = NOON + seconds(60)
    key = {Ticket: offer.item.ticket_id, WorkItem: offer.item_id, Offer: offer.pk}[model]
    with transaction.atomic():
        model.objects.select_for_update().get(pk=key)
        assert at_once(without_waiting(lambda: offers.expire_offers(over))) == [0]
    assert offers.expire_offers(over) == 1


def test_whoever_leaves_waits_for_no_item(cast):
    offer = offered_to_alice(cast)
    alice = offer.agent
    with transaction.atomic():
        WorkItem.objects.select_for_update().get(
            pk=offer.item_id
        )  # as a yes does, which then counts capacity
        leave = without_waiting(
            lambda: presence.set_status(alice, "offline", by=cast.acting("alice"), now=NOON + seconds(1))
        )
        assert at_once(leave) == [True]
    assert Presence.objects.get(pk=alice.pk).status == "offline"


def test_what_is_offered_to_somebody_who_leaves_waits_again(cast):
    offer = offered_to_alice(cast)
    presence.set_status(offer.agent, "offline", by=cast.acting("alice"), now=NOON + seconds(1))
    offer.refresh_from_db()
    assert (offer.state, load_work_item(offer.item.ticket).state) == ("returned", "waiting")

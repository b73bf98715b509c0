"""The ledger is derived from rows; its indices are what textbooks say; small groups tell nothing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.continuity import relationships
from routing.models import PresenceSpan, Shift, WorkDay
from routing.workforce import fairness
from tests import make
from tests.cast import NOON
from tests.routing.scene import mail, there
from tickets.actor import SYSTEM
from tickets.conversation.replies import Words, reply
from tickets.models import Call

HOUR = timedelta(hours=1)
TODAY = date(2026, 11, 18)


def worked(agent, hours=4):
    PresenceSpan.objects.filter(agent=agent).delete()
    span = (NOON - hours * HOUR, NOON)
    PresenceSpan.objects.create(agent=agent, during=span, status="available", works_from="home")


def day_of(agent):
    fairness.refresh_ledger(NOON)
    return WorkDay.objects.get(agent=agent, day=TODAY)


def call(cast, user, minutes_ago, lasts, ticket=None):
    start = NOON - timedelta(minutes=minutes_ago)
    return Call.objects.create(
        channel=cast.phone, external_id=str(minutes_ago), ticket=ticket, agent=user, direction="in",
        result="answered", started_at=start, answered_at=start, ended_at=start + timedelta(minutes=lasts),
    )  # fmt: skip


def test_overlapping_contacts_count_once(cast):
    alice = there(cast.alice)
    worked(alice)
    call(cast, cast.alice, 60, 20)
    call(cast, cast.alice, 50, 20)
    day = day_of(alice)
    assert (day.contact_seconds, day.available_seconds) == (30 * 60, 4 * 3600)


def test_mail_counts_the_usual_time_before_it_was_sent(cast):
    alice = there(cast.alice)
    reply(mail(cast, now=NOON - HOUR), Words("Here."), by=cast.acting("alice"), now=NOON - HOUR)
    assert day_of(alice).contact_seconds == 420


def test_hard_ticket_is_three_points_and_marking_twice_is_once(cast):
    alice, ticket = there(cast.alice), mail(cast, now=NOON - HOUR)
    reply(ticket, Words("Here."), by=cast.acting("alice"), now=NOON - HOUR)
    assert day_of(alice).effort_points == 1
    assert fairness.mark_hard(ticket, alice, True, by=SYSTEM, now=NOON)
    assert not fairness.mark_hard(ticket, alice, True, by=SYSTEM, now=NOON)
    assert day_of(alice).effort_points == 3


@pytest.mark.parametrize(
    ("zone", "starts", "lasts", "odd"),
    [("Europe/Paris", -4, 4, 0), ("America/Toronto", -1, 4, 1), ("Europe/Paris", -4, 12, 1)],
)
def test_odd_hours_are_by_the_persons_own_clock(cast, zone, starts, lasts, odd):
    alice = there(cast.alice, time_zone=zone)
    worked(alice)
    Shift.objects.create(agent=alice, during=(NOON + starts * HOUR, NOON + (starts + lasts) * HOUR))
    assert day_of(alice).unsocial_shifts == odd


def test_deriving_again_changes_nothing(cast):
    worked(there(cast.alice))
    assert fairness.refresh_ledger(NOON) == 1
    assert fairness.refresh_ledger(NOON) == 0


def test_who_was_there_for_less_than_an_hour_is_no_peer(cast):
    for user, hours in ((cast.alice, 4), (cast.bob, 0.5)):
        worked(there(user), hours)
    fairness.refresh_ledger(NOON)
    loads = fairness.sum_loads([cast.orders.pk], TODAY, TODAY, now=NOON)
    assert len(loads) == 1


def test_small_groups_tell_no_median(cast):
    load = fairness.Load(1800, 3600, 3, 0)
    assert fairness.compute_medians([load] * 3) is None
    assert fairness.compute_medians([load] * 4) == {
        "contact_share": 0.5,
        "points_an_hour": 3.0,
        "unsocial_shifts": 0.0,
    }


def test_indices_of_known_shares():
    assert (fairness.jain([1, 1, 1, 1]), fairness.gini([1, 1, 1, 1])) == (1.0, 0.0)
    assert (fairness.jain([1, 0, 0, 0]), fairness.gini([1, 0, 0, 0])) == (0.25, 0.75)
    assert fairness.gini([1, 2, 3, 4]) == pytest.approx(0.25)


@given(st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=2, max_size=30))
def test_indices_stay_in_their_range(values):
    assert 1 / len(values) - 1e-9 <= fairness.jain(values) <= 1 + 1e-9
    assert 0 <= fairness.gini(values) < 1


def test_own_page_shows_nobody_elses_name(client, cast):
    for user in (cast.alice, cast.bob):
        worked(there(user))
    fairness.refresh_ledger(NOON)
    client.force_login(cast.alice)
    page = client.get("/routing/fairness/").content.decode()
    assert "Bob" not in page


def test_same_human_counts_returning_customers_only(cast):
    new = make.customer("Zoé", "zoe@x.example")
    for days, who, person in ((9, "alice", cast.dana), (1, "alice", cast.dana), (1, "bob", new)):
        at = NOON - timedelta(days=days)
        reply(mail(cast, person, now=at), Words("Here."), by=cast.acting(who), now=at)
    found = relationships.count_known_agents([cast.orders.pk], NOON - timedelta(days=7), NOON)
    assert (found.same, found.n, found.percent) == (1, 1, 100)

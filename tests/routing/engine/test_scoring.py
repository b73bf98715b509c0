"""The terms of a score, each against numbers worked out by hand."""

import pytest

from routing.engine import Agent, Known, Medium, Policy, TermCode, WorkItem
from tests.routing.engine.values import ALICE, BOB, CAROL, HOUR, NOW, agent, item, only, skills

VOICE, CHAT, MAIL = Medium.VOICE, Medium.CHAT, Medium.MAIL
DAY = 24 * HOUR


def term(code: TermCode, item: WorkItem, *agents: Agent, policy: Policy | None = None) -> float:
    """Return a term of the winner's score."""
    winner = only(item, list(agents), policy).winner
    assert winner is not None
    return dict(winner.terms)[code]


@pytest.mark.parametrize(
    ("medium", "waited", "changes", "seconds"),
    [
        (VOICE, 20, {}, 60),
        (VOICE, 10, {}, 30),
        (CHAT, 60, {"weight": 2}, 120),
        (MAIL, HOUR, {}, 15),
        (MAIL, HOUR, {"target_seconds": HOUR}, 60),
        (MAIL, 10 * HOUR, {"closed_seconds": 9 * HOUR}, 15),
    ],
)
def test_urgency_is_60_seconds_at_the_target_and_grows_with_the_wait(medium, waited, changes, seconds):
    assert term(TermCode.URGENCY, item(medium=medium, waited=waited, **changes), agent()) == pytest.approx(
        seconds
    )


@pytest.mark.parametrize(
    ("medium", "level", "seconds"),
    [
        (MAIL, 3, 0),
        (MAIL, 5, 2.5 * (420 * 0.12 + 200 * 0.03)),
        (VOICE, 1, 2.5 * (-300 * 0.25 - 200 * 0.10)),
        (CHAT, 2, 2.5 * (-48 - 8)),
    ],
)
def test_fit_counts_handling_saved_and_transfers_avoided(medium, level, seconds):
    work = item(medium=medium, required=skills(billing=1))
    assert term(TermCode.FIT, work, agent(skills=skills(billing=level))) == pytest.approx(seconds)


def test_fit_goes_by_the_weakest_skill_asked_for():
    work = item(required=skills(billing=1, refunds=1))
    assert term(TermCode.FIT, work, agent(skills=skills(billing=5, refunds=3))) == 0


@pytest.mark.parametrize(
    ("medium", "known", "seconds"),
    [
        (MAIL, Known(ALICE, owns_case=True), 600),
        (CHAT, Known(ALICE, owns_case=True), 1500),
        (MAIL, Known(ALICE, times=1, last_at=NOW), 480),
        (MAIL, Known(ALICE, times=9, last_at=NOW - 30 * DAY), 240),
        (MAIL, Known(ALICE), 0),
        (MAIL, Known(BOB, owns_case=True), 0),
    ],
)
def test_continuity_is_the_owners_and_fades_for_others(medium, known, seconds):
    assert term(TermCode.CONTINUITY, item(medium=medium, known=(known,)), agent()) == pytest.approx(seconds)


def test_fairness_gives_18_seconds_for_each_point_of_occupancy():
    busy = agent(BOB, occupancy=0.5, last_contact_at=NOW)
    idle = agent(ALICE, occupancy=0.4, last_contact_at=NOW)
    assert term(TermCode.FAIRNESS, item(), idle, busy) == pytest.approx(0.05 * 1800)


def test_fairness_compares_within_a_group_on_shift():
    rested = agent(occupancy=0.4, group="paris", last_contact_at=NOW)
    others = [
        agent(BOB, occupancy=0.9, group="lyon", places_held=5),
        agent(CAROL, occupancy=0.9, group="paris", shift_until=None),
    ]
    assert term(TermCode.FAIRNESS, item(), rested, *others) == pytest.approx(0)


@pytest.mark.parametrize(("idle", "seconds"), [(0, 0), (300, 6), (600, 12), (6000, 12)])
def test_time_without_contact_counts_up_to_ten_minutes(idle, seconds):
    assert term(TermCode.FAIRNESS, item(), agent(last_contact_at=NOW - idle)) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("chats", "seconds"),
    [(0, 0), (1, -0.1 * 480 * 2 * (2 / 1.7 - 1)), (2, -0.1 * 480 * (2 * (3 / 2.1 - 2 / 1.7) + 3 / 2.1 - 1))],
)
def test_congestion_is_how_much_longer_chats_get(chats, seconds):
    assert term(TermCode.CONGESTION, item(medium=CHAT), agent(chats=chats)) == pytest.approx(seconds)


def test_price_is_lower_for_what_many_can_do():
    alone = term(TermCode.PRICE, item(), agent())
    one_of_two = term(TermCode.PRICE, item(), agent(), agent(BOB))
    assert alone == pytest.approx(-600 / 2)
    assert one_of_two == pytest.approx(-600 / 3)


def test_price_of_two_skills_is_not_twice_that_of_one_where_demand_is_unknown():
    both = agent(ALICE, languages=frozenset({"en", "fr"}))
    assert term(TermCode.PRICE, item(), both) == pytest.approx(-600 * (0.5 / 2 + 0.5 / 2))


def test_price_is_paid_only_for_who_could_take_a_call():
    assert term(TermCode.PRICE, item(medium=CHAT), agent(chats=1)) == 0
    assert term(TermCode.PRICE, item(medium=CHAT), agent(media=frozenset({CHAT}))) == 0


def test_price_follows_demand_over_supply():
    both = agent(ALICE, languages=frozenset({"en", "fr"}))
    one = agent(BOB, languages=frozenset({"en"}))
    demand = Policy(demand=(("en", 0.5), ("fr", 0.5)), idle_weight=0)
    # English: half of the demand, everybody speaks it, two free. French: half, one of two, one free.
    price = -600 * (0.5 / 1 / 3 + 0.5 / 0.5 / 2)
    fits = item(medium=VOICE, language="fr")
    assert term(TermCode.PRICE, fits, both, one, policy=demand) == pytest.approx(price)


def test_price_of_a_kind_counts_who_has_all_its_parts():
    able = agent(ALICE, languages=frozenset({"fr"}), skills=skills(billing=3))
    demand = Policy(demand=(("billing+fr", 1.0),))
    assert term(TermCode.PRICE, item(), able, policy=demand) == pytest.approx(-600 / 2)


def test_terms_add_up_to_the_total():
    work = item(medium=CHAT, waited=50, required=skills(billing=1), known=(Known(ALICE, 2, NOW - DAY),))
    winner = only(work, [agent(chats=1, skills=skills(billing=4), occupancy=0.3), agent(BOB)]).winner
    assert winner is not None
    assert sum(seconds for _, seconds in winner.terms) == pytest.approx(winner.total)
    assert [code for code, _ in winner.terms] == list(TermCode)

"""Who gets what: order, turns, holds, the reserve, draining, matching and ties."""

from dataclasses import replace

import pytest

from routing.engine import (
    Agent,
    Decision,
    Known,
    Medium,
    MediumRules,
    Policy,
    Rule,
    RuleCode,
    TieBreak,
)
from routing.engine.deciding import decide
from tests.routing.engine.values import ALICE, BOB, CAROL, HOUR, NOW, agent, given, item, only, skills

VOICE, CHAT, MAIL = Medium.VOICE, Medium.CHAT, Medium.MAIL
DANA = 1


def codes(decision: Decision) -> list[RuleCode]:
    return [rule.code for rule in decision.rules]


def test_nobody_there_leaves_the_item_waiting():
    decision = only(item(), [])
    assert decision.agent is None
    assert decision.eligible == ()


def test_no_items_no_decisions():
    assert decide([], [agent()], Policy(), NOW) == []


def test_best_score_wins_and_two_runners_up_are_named():
    level = {5: 1, 4: 2, 3: 3, 2: 4}
    agents = [agent(id, skills=skills(billing=value)) for value, id in level.items()]
    decision = only(item(required=skills(billing=2)), agents)
    assert decision.agent == 1
    assert [runner.agent for runner in decision.runners_up] == [2, 3]


def test_agent_gets_one_new_item_a_tick():
    decisions = decide([item(1, waited=9), item(2, waited=5)], [agent()], Policy(), NOW)
    assert [decision.agent for decision in decisions] == [ALICE, None]
    assert codes(decisions[1]) == [RuleCode.ONE_PER_TICK]


def test_live_work_goes_before_mail():
    assert given([item(1, MAIL, waited=3 * HOUR), item(2, CHAT)], [agent()]) == {1: None, 2: ALICE}


def test_overdue_live_work_goes_first_in_the_order_it_became_overdue():
    chat = item(1, CHAT, waited=500, weight=0.01)
    call = item(2, VOICE, waited=301, weight=100)
    assert given([chat, call], [agent()]) == {1: ALICE, 2: None}


def test_nobody_free_for_an_overdue_call_drains_who_is_free_first():
    soon = agent(ALICE, chats=2, live_ends_at=NOW + 60)
    later = agent(BOB, chats=1, live_ends_at=NOW + 300)
    call, chat = item(1, VOICE, waited=301), item(2, CHAT)
    decisions = {decision.item: decision for decision in decide([call, chat], [soon, later], Policy(), NOW)}
    assert Rule(RuleCode.DRAINING, (("agent", ALICE),)) in decisions[1].rules
    assert decisions[2].agent == BOB


def test_drained_agent_gets_no_chat_even_when_alone():
    call, chat = item(1, VOICE, waited=301), item(2, CHAT)
    assert given([call, chat], [agent(chats=1)]) == {1: None, 2: None}


def test_nobody_drains_for_a_call_they_could_not_take():
    call = item(1, VOICE, waited=301, required=skills(billing=1))
    assert given([call, item(2, CHAT)], [agent(chats=1)]) == {1: None, 2: ALICE}


def test_fourth_item_is_the_overdue_mail():
    overdue, call = item(1, MAIL, waited=5 * HOUR), item(2, VOICE, waited=10)
    assert given([overdue, call], [agent(elder_credit=2)]) == {1: None, 2: ALICE}
    assert given([overdue, call], [agent(elder_credit=3)]) == {1: ALICE, 2: None}


def test_credit_grows_while_an_overdue_mail_is_passed_over_and_is_spent_on_it():
    overdue, call = item(1, MAIL, waited=5 * HOUR), item(2, VOICE, waited=10)
    passed = decide([overdue, call], [agent(elder_credit=1)], Policy(), NOW)
    assert [decision.elder_credit for decision in passed] == [0, 2]
    (spent, _) = decide([overdue, call], [agent(elder_credit=3)], Policy(), NOW)
    assert (spent.elder_credit, codes(spent)) == (0, [RuleCode.ELDER_TURN])


def test_credit_does_not_grow_for_mail_the_agent_could_not_take():
    overdue = item(1, MAIL, waited=5 * HOUR, required=skills(billing=1))
    (_, call) = decide([overdue, item(2, VOICE)], [agent()], Policy(), NOW)
    assert call.elder_credit == 0


def test_mail_is_held_for_the_one_who_knows_the_customer():
    mail = item(known=(Known(BOB, times=2, last_at=NOW - HOUR),))
    decision = only(mail, [agent(), agent(BOB, active_mails=1)])
    assert decision.agent is None
    assert decision.rules[0] == Rule(RuleCode.HOLD, (("agent", BOB), ("until", NOW + 3 * HOUR)))


@pytest.mark.parametrize(
    ("waited", "state"),
    [
        (3 * HOUR, {"active_mails": 1}),
        (0, {"active_mails": 1, "shift_until": NOW + 419}),
        (0, {"places_held": 5}),
        (0, {"on_leave": True}),
        (0, {"seen_at": NOW - HOUR}),
        (0, {"media": frozenset(), "back_at": NOW + 3 * HOUR + 1}),
        (0, {"queues": frozenset()}),
    ],
)
def test_mail_is_not_held_for_somebody_who_is_not_soon_free(waited, state):
    mail = item(waited=waited, known=(Known(BOB, owns_case=True),))
    assert only(mail, [agent(), agent(BOB, **state)]).agent == ALICE


def test_mail_is_held_for_somebody_back_in_time():
    mail = item(known=(Known(BOB, owns_case=True),))
    away = agent(BOB, media=frozenset(), back_at=NOW + 3500)
    assert only(mail, [agent(), away]).agent is None


def test_mail_is_not_held_for_a_weak_acquaintance():
    mail = item(known=(Known(BOB, times=1, last_at=NOW - 91 * 24 * HOUR),))
    assert only(mail, [agent(), agent(BOB, active_mails=1)]).agent == ALICE


def test_mail_is_held_for_three_quarters_of_its_own_target():
    mail = item(waited=HOUR * 3 / 4, target_seconds=HOUR, known=(Known(BOB, owns_case=True),))
    assert (
        only(replace(mail, eligible_at=mail.eligible_at + 1), [agent(), agent(BOB, active_mails=1)]).agent
        is None
    )
    assert only(mail, [agent(), agent(BOB, active_mails=1)]).agent == ALICE


def test_the_reserve_keeps_no_mail_from_who_knows_its_customer():
    engaged = [agent(number, calls=1) for number in range(10, 20)]
    mail = item(known=(Known(ALICE, owns_case=True),))
    assert only(mail, [agent(), *engaged]).agent == ALICE
    assert only(item(), [agent(), *engaged]).agent is None


def test_mails_that_nobody_here_can_take_use_up_nothing_of_the_reserve():
    idle, engaged = [agent(number) for number in (1, 2, 3)], agent(4, calls=1)
    foreign = [item(number, waited=3 * HOUR, language="fr") for number in range(10, 20)]
    assert given([item(1), *foreign], [*idle, engaged])[1] is not None


def test_live_work_is_not_held():
    chat = item(medium=CHAT, known=(Known(BOB, owns_case=True),))
    assert only(chat, [agent(), agent(BOB, calls=1)]).agent == ALICE


def busy(count: int) -> list[Agent]:
    return [agent(100 + number, calls=1, places_held=5) for number in range(count)]


def test_young_mail_leaves_somebody_free_for_calls():
    decision = only(item(), [agent(), *busy(4)])
    assert decision.agent is None
    assert decision.rules[0] == Rule(RuleCode.RESERVE, (("free", 1), ("kept", 2.0)))


def test_reserve_melts_as_the_mail_waits():
    agents = [agent(), *busy(4)]
    assert only(item(waited=HOUR), agents).agent is None
    assert only(item(waited=HOUR + 1), agents).agent == ALICE


def test_nothing_is_reserved_where_no_live_work_is_about():
    assert only(item(), [agent()]).agent == ALICE


def test_reserve_does_not_keep_mail_from_those_who_take_no_calls():
    mailer = agent(BOB, media=frozenset({MAIL}))
    assert only(item(), [agent(), mailer, *busy(4)]).agent == BOB


def test_matching_places_the_most_items():
    both = agent(ALICE, skills=skills(billing=5, refunds=5))
    one = agent(BOB, skills=skills(billing=5))
    items = [item(1, required=skills(billing=1)), item(2, required=skills(refunds=1))]
    assert given(items, [both, one]) == {1: BOB, 2: ALICE}


def test_matching_prefers_two_placed_to_one_placed_very_well():
    chat = MediumRules(60, 480, 480, continuity_seconds=10_000, hold_seconds=0, offer_seconds=20)
    known = item(1, CHAT, known=(Known(ALICE, owns_case=True),))
    items = [known, item(2, CHAT, required=skills(refunds=1))]
    agents = [agent(ALICE, skills=skills(refunds=1)), agent(BOB)]
    assert given(items, agents, Policy(chat=chat)) == {1: BOB, 2: ALICE}


def test_matching_takes_the_highest_sum_not_the_best_first():
    first = agent(ALICE, skills=skills(billing=5, refunds=5))
    second = agent(BOB, skills=skills(billing=4, refunds=1))
    items = [item(1, required=skills(billing=1)), item(2, required=skills(refunds=1))]
    decisions = decide(items, [first, second], Policy(price_seconds=0), NOW)
    assert [decision.agent for decision in decisions] == [BOB, ALICE]
    assert decisions[0].runners_up[0].taken_by == 2


def test_matching_places_all_even_when_everybody_prefers_the_same_few():
    agents = [agent(id, occupancy=id / 1000) for id in range(1, 61)]
    items = [item(id) for id in range(1, 41)]
    assert None not in given(items, agents, Policy(candidates_per_item=1)).values()


def test_most_urgent_are_placed_first_when_there_are_more_than_a_batch():
    items = [item(1, waited=60), item(2, waited=600), item(3, waited=300)]
    decisions = decide(items, [agent(1), agent(2), agent(3)], Policy(batch_items=2), NOW)
    assert {decision.item: decision.agent is not None for decision in decisions} == {
        1: False,
        2: True,
        3: True,
    }
    assert codes(decisions[2])[0] is RuleCode.NOT_REACHED


def test_only_agent_takes_the_most_urgent():
    assert given([item(1, waited=60), item(2, waited=600)], [agent()]) == {1: None, 2: ALICE}


def test_equals_are_settled_by_who_is_free_the_longest():
    agents = [agent(ALICE, last_contact_at=NOW - 700), agent(BOB, last_contact_at=NOW - 900)]
    decision = only(item(), agents)
    assert (decision.agent, decision.tie_break) == (BOB, TieBreak.LONGEST_FREE)


def test_complete_equals_are_drawn_and_the_draw_changes_with_the_day():
    agents = [agent(id) for id in range(1, 9)]
    days = range(20)
    drawn = {
        decide(
            [item()],
            [replace(one, seen_at=1e9, shift_until=1e9) for one in agents],
            Policy(),
            NOW + day * 24 * HOUR,
        )[0].agent
        for day in days
    }
    assert only(item(), agents).tie_break is TieBreak.DRAWN
    assert len(drawn) > 3


def test_difference_below_a_second_is_a_tie():
    agents = [agent(ALICE, occupancy=0.5), agent(BOB, occupancy=0.5004, last_contact_at=-1)]
    assert only(item(), agents).agent == BOB


def test_winner_says_what_a_person_wants_to_know():
    known = Known(CAROL, times=2, last_at=NOW - HOUR)
    work = item(language="en", required=skills(billing=1), known=(known,))
    winner = only(work, [agent(CAROL, skills=skills(billing=4), places_held=3)]).winner
    assert winner is not None
    facts = winner.facts
    assert (facts.known_times, facts.language, facts.level) == (2, "en", 4)
    assert (facts.places_free, facts.places) == (2, 5)


def test_lower_level_than_wanted_is_told():
    decision = only(item(wanted=skills(billing=4)), [agent(skills=skills(billing=2))])
    assert codes(decision) == [RuleCode.LADDER]


def test_decision_names_policy_and_parameters():
    decision = only(item(), [agent()], Policy(version=7))
    assert decision.policy_version == 7
    assert decision.policy_hash == Policy(version=7).hash != Policy(version=7, reserve=2.0).hash

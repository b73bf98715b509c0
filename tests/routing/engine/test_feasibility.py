"""Each reason to refuse: a case that is refused by it, and its nearest neighbour that is not."""

from typing import Any

import pytest

from routing.engine import Exclusion, Hold, Medium, Policy, Refusal
from tests.routing.engine.values import ALICE, BOB, HOUR, NOW, agent, item, only, skills

VOICE, CHAT, MAIL = Medium.VOICE, Medium.CHAT, Medium.MAIL
BILLING = {"required": skills(billing=3)}
FRENCH = {"language": "fr"}

# reason, medium, what the item asks, what is true of the agent, what would have to be true instead
CASES: list[tuple[Refusal, Medium, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (Refusal.QUEUE, MAIL, {"queue": 7}, {"queues": frozenset({8})}, {"queues": frozenset({7, 8})}),
    (Refusal.SKILL, MAIL, BILLING, {"skills": skills(billing=2)}, {"skills": skills(billing=3)}),
    (Refusal.LANGUAGE, MAIL, FRENCH, {}, {"languages": frozenset({"fr"})}),
    (Refusal.REGION, MAIL, {"region": "eu"}, {"region": "us"}, {"region": "eu"}),
    (Refusal.CLEARANCE, MAIL, {"clearances": frozenset({"vip"})}, {}, {"clearances": frozenset({"vip"})}),
    (Refusal.LEAVE, MAIL, {}, {"on_leave": True}, {}),
    (Refusal.SHIFT, MAIL, {}, {"shift_until": None}, {"shift_until": NOW + 1}),
    (Refusal.SHIFT, MAIL, {}, {"shift_until": NOW}, {}),
    (Refusal.SHIFT_ENDS, VOICE, {}, {"shift_until": NOW + 299}, {"shift_until": NOW + 300}),
    (Refusal.SHIFT_ENDS, CHAT, {}, {"shift_until": NOW + 479}, {"shift_until": NOW + 60, "stays_late": True}),
    (Refusal.PRESENCE, CHAT, {}, {"seen_at": NOW - 26}, {"seen_at": NOW - 25}),
    (Refusal.PRESENCE, MAIL, {}, {"seen_at": NOW - 91}, {"seen_at": NOW - 90}),
    (Refusal.STATUS, CHAT, {}, {"media": frozenset({MAIL})}, {"media": frozenset({CHAT})}),
    (Refusal.STATUS, MAIL, {}, {"media": frozenset()}, {}),
    (Refusal.FOCUS, CHAT, {}, {"focus": True}, {}),
    (Refusal.OFFER_OPEN, CHAT, {}, {"offer_open": True}, {}),
    (Refusal.BREATHER, CHAT, {}, {"last_live_at": NOW - 9}, {"last_live_at": NOW - 10}),
    (Refusal.PLACES, MAIL, {}, {"places_held": 5}, {"places_held": 4}),
    (Refusal.CAPACITY, MAIL, {}, {"active_mails": 1}, {}),
    (Refusal.CAPACITY, MAIL, {}, {"calls": 1}, {}),
    (Refusal.CAPACITY, MAIL, {}, {"chats": 2}, {"chats": 1}),
    (Refusal.CAPACITY, VOICE, {}, {"chats": 1}, {}),
    (Refusal.CAPACITY, VOICE, {}, {"quiet_chats": 1}, {}),
    (Refusal.CAPACITY, CHAT, {}, {"calls": 1}, {}),
    (Refusal.CAPACITY, CHAT, {}, {"chats": 3}, {"chats": 2}),
    (Refusal.CAPACITY, CHAT, {}, {"chats": 1, "chat_limit": 1}, {"chats": 1, "chat_limit": 2}),
    (
        Refusal.CAPACITY,
        VOICE,
        {},
        {"active_mails": 1, "mail_interrupted": True},
        {"active_mails": 1, "mail_interrupted": False},
    ),
    (
        Refusal.EXCLUDED,
        MAIL,
        {"excluded": (Exclusion(ALICE, NOW + 1), Exclusion(BOB, NOW))},
        {},
        {"id": BOB},
    ),
    (Refusal.HOLD, MAIL, {"hold": Hold(BOB, NOW + 1)}, {}, {"id": BOB}),
]


@pytest.mark.parametrize(("code", "medium", "asked", "state", "better"), CASES)
def test_agent_is_refused_with_the_reason(code, medium, asked, state, better):
    decision = only(item(medium=medium, **asked), [agent(**state)])
    assert decision.agent is None
    assert decision.ruled_out == ((code, (ALICE,)),)
    assert decision.refusal(ALICE) is code


@pytest.mark.parametrize(("code", "medium", "asked", "state", "better"), CASES)
def test_agent_is_able_without_the_reason(code, medium, asked, state, better):
    able = agent(**better)
    assert only(item(medium=medium, **asked), [able]).agent == able.id


def test_full_places_do_not_keep_anybody_from_live_work():
    assert only(item(medium=CHAT), [agent(places_held=5)]).agent == ALICE


def test_expired_hold_is_over():
    assert only(item(hold=Hold(BOB, NOW)), [agent()]).agent == ALICE


def test_busiest_get_no_long_breather_while_somebody_waits_too_long():
    resting = agent(last_live_at=NOW - 20, occupancy=0.995)
    assert only(item(medium=CHAT, waited=481), [resting]).agent == ALICE


def test_mail_that_may_not_be_interrupted_keeps_calls_away():
    policy = Policy(mail_interruptible=False)
    assert only(item(medium=VOICE), [agent(active_mails=1)], policy).counts == {Refusal.CAPACITY: 1}


def test_counts_cover_every_agent_once():
    agents = [
        agent(1),
        agent(2, shift_until=None, on_leave=True),
        agent(3, places_held=5),
        agent(4, places_held=5),
    ]
    decision = only(item(), agents)
    assert decision.eligible == (1,)
    assert decision.counts == {Refusal.LEAVE: 1, Refusal.PLACES: 2}


@pytest.mark.parametrize(
    ("waited", "level", "taken"),
    [(0, 4, True), (0, 3, False), (3599, 3, False), (3600, 3, True), (3600, 2, False), (7200, 2, True)],
)
def test_wanted_level_drops_with_time_while_somebody_reaches_it(waited, level, taken):
    expert = agent(BOB, skills=skills(billing=4), places_held=5)
    mail = item(waited=waited, wanted=skills(billing=4))
    decision = only(mail, [agent(skills=skills(billing=level)), expert])
    assert (decision.agent == ALICE) is taken
    assert (decision.refusal(ALICE) is Refusal.WANTED) is not taken


def test_nobody_is_waited_for_who_does_not_exist():
    mail = item(wanted=skills(billing=4))
    assert only(mail, [agent(skills=skills(billing=2)), agent(BOB, skills=skills(billing=1))]).agent == ALICE


def test_required_skill_never_relaxes():
    assert only(item(waited=100 * HOUR, required=skills(billing=1)), [agent()]).agent is None


def test_wanted_language_is_waived_late():
    speaker = agent(BOB, languages=frozenset({"fr"}), places_held=5)
    early, late = (
        item(waited=share * 4 * HOUR, language="fr", language_required=False) for share in (0.74, 0.75)
    )
    assert only(early, [agent(), speaker]).agent is None
    assert only(late, [agent(), speaker]).agent == ALICE


def test_the_busiest_rest_longer_while_somebody_else_can_do_it():
    tired = agent(ALICE, last_live_at=NOW - 29, occupancy=0.995)
    other = agent(BOB, occupancy=0.95, calls=0)
    assert only(item(medium=CHAT), [tired, other]).refusal(ALICE) is Refusal.BREATHER
    assert only(item(medium=CHAT), [tired, agent(BOB, calls=1)]).agent == ALICE


def test_an_interrupted_mail_is_worked_to_its_end():
    interrupted = {"active_mails": 1, "mail_interrupted": True}
    assert only(item(medium=CHAT), [agent(**interrupted)]).refusal(ALICE) is Refusal.CAPACITY
    assert only(item(medium=CHAT), [agent(chats=1, **interrupted)]).agent == ALICE

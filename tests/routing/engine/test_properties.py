"""What holds whatever comes: nothing infeasible, nothing twice, nothing lost, the same again and again."""

import random
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.engine import Agent, Exclusion, Hold, Known, Medium, Need, Policy, WorkItem
from routing.engine.deciding import decide
from routing.engine.feasibility import Feasibility
from routing.engine.team import Team
from routing.engine.tick import Tick
from tests.routing.engine.values import HOUR, NOW, agent, item

IDS = st.integers(1, 12)
SKILLS = st.dictionaries(st.sampled_from(["billing", "refunds"]), st.integers(0, 5), max_size=2)
NEEDS = SKILLS.map(lambda levels: tuple(Need(skill, level) for skill, level in sorted(levels.items())))
LANGUAGES = st.sampled_from(["en", "fr"])
MOMENTS = st.integers(-6 * 3600, 3600).map(lambda offset: NOW + offset)

ITEMS = st.builds(
    WorkItem,
    id=IDS,
    medium=st.sampled_from(Medium),
    eligible_at=st.integers(0, 6 * 3600).map(lambda waited: NOW - waited),
    queue=st.integers(0, 1),
    weight=st.sampled_from([0.5, 1.0, 4.0]),
    required=NEEDS,
    wanted=NEEDS,
    language=st.sampled_from(["", "en", "fr"]),
    language_required=st.booleans(),
    known=st.lists(st.builds(Known, IDS, st.integers(0, 3), MOMENTS, st.booleans()), max_size=2).map(tuple),
    excluded=st.lists(st.builds(Exclusion, IDS, MOMENTS), max_size=2).map(tuple),
    hold=st.none() | st.builds(Hold, IDS, MOMENTS),
)
AGENTS = st.builds(
    Agent,
    id=IDS,
    media=st.frozensets(st.sampled_from(Medium)),
    seen_at=st.sampled_from([NOW, NOW - 10, NOW - 60]),
    shift_until=st.sampled_from([None, NOW + 100, NOW + 4 * HOUR]),
    queues=st.frozensets(st.integers(0, 1), min_size=1),
    skills=NEEDS,
    languages=st.frozensets(LANGUAGES),
    calls=st.integers(0, 1),
    chats=st.integers(0, 3),
    chat_limit=st.integers(1, 3),
    active_mails=st.integers(0, 1),
    places_held=st.integers(0, 5),
    last_contact_at=MOMENTS,
    last_live_at=st.none() | MOMENTS,
    live_ends_at=MOMENTS,
    occupancy=st.floats(0, 1),
    group=st.sampled_from(["", "paris"]),
    elder_credit=st.integers(0, 3),
)
ITEM_LISTS = st.lists(ITEMS, max_size=10, unique_by=lambda item: item.id)
AGENT_LISTS = st.lists(AGENTS, max_size=10, unique_by=lambda agent: agent.id)
SEEDS = st.integers(0, 2**16)

# Invariants, not speed: a busy machine must not fail them.
steady = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@steady
@given(ITEM_LISTS, AGENT_LISTS)
def test_every_item_is_answered_once_and_no_agent_gets_two(items, agents):
    decisions = decide(items, agents, Policy(), NOW)
    chosen = [decision.agent for decision in decisions if decision.agent is not None]
    assert sorted(decision.item for decision in decisions) == sorted(item.id for item in items)
    assert len(chosen) == len(set(chosen))


@steady
@given(ITEM_LISTS, AGENT_LISTS)
def test_nobody_gets_what_they_cannot_take(items, agents):
    for decision in decide(items, agents, Policy(), NOW):
        ruled_out = {agent for _, group in decision.ruled_out for agent in group}
        assert decision.agent is None or decision.agent in decision.eligible
        assert not ruled_out & set(decision.eligible)
        assert ruled_out | set(decision.eligible) == {agent.id for agent in agents}


@steady
@given(ITEM_LISTS, AGENT_LISTS)
def test_capacity_holds_after_the_tick(items, agents):
    by_agent, by_item = {agent.id: agent for agent in agents}, {item.id: item for item in items}
    for decision in decide(items, agents, Policy(), NOW):
        if decision.agent is None:
            continue
        taker = by_agent[decision.agent]
        units = {Medium.VOICE: 100, Medium.CHAT: 33, Medium.MAIL: 0}[by_item[decision.item].medium]
        assert units == 0 or taker.live_units + units <= 100
        assert units != 33 or taker.chats < taker.chat_limit
        assert units != 0 or (taker.places_held < taker.places and taker.active_mails == 0)


@steady
@given(ITEM_LISTS, AGENT_LISTS, SEEDS)
def test_order_of_the_values_does_not_matter(items, agents, seed):
    shuffled_items, shuffled_agents = list(items), list(agents)
    random.Random(seed).shuffle(shuffled_items)
    random.Random(seed + 1).shuffle(shuffled_agents)
    assert decide(items, agents, Policy(), NOW) == decide(shuffled_items, shuffled_agents, Policy(), NOW)


@steady
@given(ITEM_LISTS, AGENT_LISTS)
def test_replay_gives_the_same_decisions(items, agents):
    copies = [replace(item) for item in items], [replace(agent) for agent in agents]
    assert decide(items, agents, Policy(), NOW) == decide(*copies, Policy(), NOW)


@steady
@given(ITEM_LISTS, AGENT_LISTS)
def test_terms_of_everybody_named_add_up(items, agents):
    for decision in decide(items, agents, Policy(), NOW):
        for candidate in (*decision.runners_up, *([decision.winner] if decision.winner else [])):
            assert abs(sum(seconds for _, seconds in candidate.terms) - candidate.total) < 1e-6


@steady
@given(ITEM_LISTS, AGENT_LISTS)
def test_nothing_waits_beside_somebody_free_without_a_rule_that_says_why(items, agents):
    for decision in decide(items, agents, Policy(), NOW):
        if decision.agent is None and decision.eligible:
            assert decision.rules


@steady
@given(ITEM_LISTS, AGENT_LISTS)
def test_no_younger_overdue_call_passes_an_older_one_for_the_same_people(items, agents):
    tick = Tick(items, Team.of(agents), Policy(), NOW)
    feasible, decisions = Feasibility(tick), decide(items, agents, Policy(), NOW)
    elders = [row for row in tick.elders if tick.items[row].medium.is_live]
    takers = {decision.item: decision.agent for decision in decisions}
    for place, row in enumerate(elders):
        if takers[tick.items[row].id] is None:
            for later in elders[place + 1 :]:
                taker = takers[tick.items[later].id]
                able = taker is not None and feasible.able(tick.ask_of[row])[tick.team.column[taker]]
                assert not able


@settings(steady, max_examples=25)
@given(st.integers(1, 3), st.integers(1, 6), SEEDS)
def test_overdue_mail_waits_a_bounded_time_under_endless_calls(staff, mails, seed):
    """Check w <= A + S/σ × ceil((E + 1)/n): one in four of each agent's new items is the oldest mail."""
    handling, policy = 300.0, Policy(breather_seconds=0, long_breather_seconds=0)
    credit, free_at = dict.fromkeys(range(1, staff + 1), 0), dict.fromkeys(range(1, staff + 1), NOW)
    backlog = {id: item(id, Medium.MAIL, waited=4 * HOUR + 10 - id) for id in range(1, mails + 1)}
    bound, now, call_id, chance = handling * 4 * -(-(mails + 1) // staff), NOW, 1000, random.Random(seed)
    while backlog and now <= NOW + 2 * bound:
        calls = [
            item(call_id + n, Medium.VOICE, waited=NOW - now + chance.randint(0, 60)) for n in range(staff)
        ]
        call_id += staff
        team = [
            agent(id, seen_at=now, shift_until=now + HOUR, elder_credit=credit[id])
            for id in credit
            if free_at[id] <= now
        ]
        for decision in decide([*backlog.values(), *calls], team, policy, now):
            if decision.agent is not None:
                credit[decision.agent], free_at[decision.agent] = decision.elder_credit, now + handling
                if backlog.pop(decision.item, None):
                    assert now - NOW <= bound
        now = min(free_at.values()) if min(free_at.values()) > now else now + handling
    assert not backlog

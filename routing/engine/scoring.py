"""What an agent is worth to an item, in customer-seconds: a sum of named terms.

Each term is a function that returns its share for every agent, or one number for all. Adding a term is
writing a function and naming it in `TERMS`. Anchors: urgency is the generalised c-mu rule (Mandelbaum and
Stolyar 2004); fairness a weight on idleness (Armony and Ward 2010; Chan, Koole and L'Ecuyer 2014);
congestion treats chats as processor sharing (Luo and Zhang 2013).
"""

from collections.abc import Callable, Hashable, Mapping

import numpy as np

from routing.engine.decision import TermCode
from routing.engine.feasibility import interruptible
from routing.engine.policy import Policy
from routing.engine.team import Bools, Floats, Ints, Team, floats
from routing.engine.tick import Ask, Tick
from routing.engine.values import Known, Medium

DAY = 86400.0

type Share = Floats | float


def likeness(tick: Tick, row: int) -> Hashable:
    """Return what all terms of an item hang on: items that are alike in it have the same score."""
    return tick.ask_of[row], urgency(tick, row), tick.items[row].known


def terms(tick: Tick, row: int) -> dict[TermCode, Share]:
    """Return every term of one item's score."""
    return {code: term(tick, row) for code, term in TERMS}


def score(tick: Tick, terms: Mapping[TermCode, Share]) -> Floats:
    """Return the total of every agent for one item."""
    total = np.zeros(len(tick.team))
    for share in terms.values():
        total += share
    return total


def urgency(tick: Tick, row: int) -> float:
    """Return what a wait costs: 60 s × weight × wait ÷ target, so a wait counts more the longer it is."""
    item, policy = tick.items[row], tick.policy
    share = tick.waited_seconds(item) / policy.target_seconds(item)
    return policy.urgency_seconds * item.weight * share


def fit(tick: Tick, row: int) -> Share:
    """Return the handling saved and transfers avoided against level 3, by the weakest level asked for."""
    ask = tick.ask(row)
    names = (ask.medium, *(need.skill for need in ask.required + ask.wanted))
    return tick.once((TermCode.FIT, names), lambda: _fit(tick, ask))


def continuity(tick: Tick, row: int) -> Share:
    """Return what knowing the customer is worth: all for one's own case, else less and less with days."""
    item = tick.items[row]
    column = tick.team.column
    known = [known for known in item.known if known.agent in column]
    if not known:
        return 0.0
    shares = np.zeros(len(tick.team))
    for relation in known:
        worth = tick.policy.rules(item.medium).continuity_seconds
        shares[column[relation.agent]] = worth * strength(tick.policy, relation, tick.now)
    return shares


def fairness(tick: Tick, row: int) -> Floats:
    """Return 18 s for each point of occupancy below one's group, and a little for time without contact."""
    return tick.once(TermCode.FAIRNESS, lambda: _fairness(tick))


def congestion(tick: Tick, row: int) -> Share:
    """Return (negative) how much longer one more chat makes all chats of an agent, weighted."""
    if tick.items[row].medium is not Medium.CHAT:
        return 0.0
    return tick.once(TermCode.CONGESTION, lambda: _congestion(tick))


def price(tick: Tick, row: int) -> Floats:
    """Return (negative) what it costs to use up somebody who could take a call, by how rare they are."""
    return tick.once(TermCode.PRICE, lambda: _price(tick))


def interruption(tick: Tick, row: int) -> Share:
    """Return (negative) what it costs to find back into a mail that a call or chat breaks into."""
    if not tick.items[row].medium.is_live:
        return 0.0
    return tick.once(
        TermCode.INTERRUPTION, lambda: np.where(tick.team.active_mails > 0, -tick.policy.resume_seconds, 0.0)
    )


TERMS: tuple[tuple[TermCode, Callable[[Tick, int], Share]], ...] = (
    (TermCode.URGENCY, urgency),
    (TermCode.FIT, fit),
    (TermCode.CONTINUITY, continuity),
    (TermCode.FAIRNESS, fairness),
    (TermCode.CONGESTION, congestion),
    (TermCode.PRICE, price),
    (TermCode.INTERRUPTION, interruption),
)


def strength(policy: Policy, known: Known, now: float) -> float:
    """Return how well an agent knows a customer, 0 to 1; half of it is lost every 30 days."""
    if known.owns_case:
        return 1.0
    if known.last_at is None:
        return 0.0
    days = max(0.0, now - known.last_at) / DAY
    return float(policy.relation_share * 2 ** (-days / policy.relation_half_life_days))


def weakest_level(tick: Tick, ask: Ask) -> Ints | None:
    """Return each agent's lowest level in the skills asked for, or None if none is."""
    names = tuple(need.skill for need in ask.required + ask.wanted)
    if not names:
        return None
    if len(names) == 1:
        return tick.team.level(names[0])
    levels: Ints = tick.team.kept(
        ("weakest", *names), lambda: np.minimum.reduce([tick.team.level(name) for name in names])
    )
    return levels


def callable_now(tick: Tick) -> Bools:
    """Return who is here so that a call could reach them: nothing live in hand, no mail that must go on."""
    return tick.once("callable", lambda: _callable_now(tick))


def _callable_now(tick: Tick) -> Bools:
    team = tick.team
    willing = team.voice & ~team.focus & ~team.offer_open & tick.heard & (tick.shift_left > 0)
    free: Bools = willing & (tick.live_units == 0) & interruptible(tick)
    return free


def _fit(tick: Tick, ask: Ask) -> Share:
    level = weakest_level(tick, ask)
    if level is None:
        return 0.0
    policy = tick.policy
    handling, usual = policy.rules(ask.medium).handling_seconds, policy.transfer[3]
    by_level = floats(
        handling * (1 - speed) - policy.transfer_seconds * (transfer - usual)
        for speed, transfer in zip(policy.speed, policy.transfer, strict=True)
    )
    return policy.fit_weight * by_level[level]


def _fairness(tick: Tick) -> Floats:
    policy = tick.policy
    behind = _group_mean(tick) - tick.team.occupancy
    idle = np.minimum(tick.free_seconds, policy.idle_cap_seconds)
    return policy.fairness_weight * behind * 3600 + policy.idle_weight * idle


def _group_mean(tick: Tick) -> Floats:
    """Return the mean occupancy of each agent's peers who are on shift and here."""
    team = tick.team
    if not len(team):
        return team.occupancy
    oldest = tick.now - tick.policy.mail_presence_seconds
    here = (tick.shift_left > 0) & ~team.on_leave & (team.seen_at >= oldest)
    groups = int(team.group.max()) + 1
    peers = np.bincount(team.group[here], minlength=groups)
    sums = np.bincount(team.group[here], weights=team.occupancy[here], minlength=groups)
    means = sums / np.maximum(peers, 1)
    return np.where(peers[team.group] > 0, means[team.group], team.occupancy)


def _congestion(tick: Tick) -> Floats:
    policy = tick.policy
    longer = floats(_chats_longer(policy, chats) for chats in range(len(policy.chat_rates)))
    return -policy.congestion_weight * longer[np.minimum(tick.team.chats, len(longer) - 1)]


def _chats_longer(policy: Policy, held: int) -> float:
    """Return the seconds that the chats held and one more take longer than without it, in all."""
    rates = policy.chat_rates
    now = held / rates[held - 1] if held else 0.0
    then = (held + 1) / rates[held]
    return policy.chat.handling_seconds * (held * (then - now) + then - 1)


def _price(tick: Tick) -> Floats:
    """Return the price of using somebody up: over all kinds of request they could take, how short each is.

    A kind's price is its share of demand over its share of the people on shift, shared by those free for it.
    """
    free, team = callable_now(tick), tick.team
    kinds, held = team.kept(("holdings", tick.policy.demand), lambda: _holdings(team, tick.policy))
    if not len(kinds):
        return np.zeros(len(team))
    on_shift = tick.shift_left > 0
    supply = np.maximum(held @ on_shift, 1.0) / max(1, np.count_nonzero(on_shift))
    costs = (kinds / supply / (1 + held @ free)) @ held
    return np.where(free, -tick.policy.price_seconds * costs, 0.0)


def _holdings(team: Team, policy: Policy) -> tuple[Floats, Floats]:
    """Return each kind's share of demand, and a row of ones and noughts for each: who could take it.

    A kind is named by skills and languages joined with “+”. Where no demand is known, every skill and
    language is a kind of its own, asked for as much as there are people for it.
    """
    holds = {skill: levels > 0 for skill, levels in team.levels.items()} | dict(team.speakers)
    if not policy.demand:
        rows = np.array([holds[name] for name in sorted(holds)], dtype=np.float64).reshape(
            len(holds), len(team)
        )
        return rows.sum(axis=1) / max(rows.sum(), 1.0), rows
    kinds = [
        (share, np.logical_and.reduce([holds.get(part, team.nobody()) for part in name.split("+")]))
        for name, share in policy.demand
    ]
    shares = floats(share for share, _ in kinds)
    return shares / max(shares.sum(), 1e-9), np.array([able for _, able in kinds], dtype=np.float64)

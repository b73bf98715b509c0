"""The account of a tick: for each item a decision with everything that led to it."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from routing.engine.decision import (
    Candidate,
    Decision,
    Facts,
    Refusal,
    Rule,
    RuleCode,
    TieBreak,
)
from routing.engine.feasibility import PREDICATES
from routing.engine.plan import Plan
from routing.engine.scoring import weakest_level
from routing.engine.selection import elder_credit
from routing.engine.values import Known

RUNNERS_UP = 2
NOBODY = Known(0)

type Grouped = tuple[tuple[Refusal, tuple[int, ...]], ...]


def account(plan: Plan) -> list[Decision]:
    """Return one decision for each item of a finished plan, in the tick's order."""
    refusals = [_grouped(plan, row) for row in range(len(plan.tick.asks))]
    return [_decision(plan, row, *refusals[plan.tick.ask_of[row]]) for row in range(len(plan.tick.items))]


def _grouped(plan: Plan, ask: int) -> tuple[tuple[int, ...], Grouped]:
    """Return who could take what an ask asks for, and the others by first reason."""
    codes = plan.feasible.codes(ask)
    ids = tuple(plan.tick.team.ids[np.argsort(codes, kind="stable")].tolist())
    ends = np.cumsum(np.bincount(codes, minlength=len(PREDICATES) + 1)).tolist()
    ruled_out = tuple(
        (predicate.code, ids[start:end])
        for predicate, (start, end) in zip(PREDICATES, pairwise(ends), strict=True)
        if start < end
    )
    return ids[: ends[0]], ruled_out


def _decision(plan: Plan, row: int, eligible: tuple[int, ...], ruled_out: Grouped) -> Decision:
    tick, column = plan.tick, plan.picks.get(row)
    others: list[int] = []
    if column is not None:
        others = [other for other in plan.leaders(row, RUNNERS_UP + 2) if other != column]
    return Decision(
        item=tick.items[row].id,
        at=tick.now,
        policy_version=tick.policy.version,
        policy_hash=tick.policy.hash,
        winner=None if column is None else _candidate(plan, row, column),
        runners_up=tuple(_candidate(plan, row, other) for other in others[:RUNNERS_UP]),
        eligible=eligible,
        ruled_out=ruled_out,
        rules=tuple(_rules(plan, row, column)),
        tie_break=None if column is None else _tie_break(plan, row, column, others),
        elder_credit=0 if column is None else elder_credit(plan, row, column),
    )


def _rules(plan: Plan, row: int, column: int | None) -> Sequence[Rule]:
    rules = list(plan.rules.get(row, ()))
    tick, ask = plan.tick, plan.tick.ask(row)
    if column is None:
        others = int(np.count_nonzero(plan.able(row) & plan.busy))
        if others:
            rules.append(Rule(RuleCode.ONE_PER_TICK, (("agents", others),)))
    else:
        rules = [rule for rule in rules if rule.code is not RuleCode.RESERVE]
    below = column is not None and any(
        tick.team.level(need.skill)[column] < need.level for need in ask.wanted
    )
    if below or (column is None and ask.step):
        rules.append(Rule(RuleCode.LADDER, (("step", ask.step),)))
    return rules


def _tie_break(plan: Plan, row: int, column: int, others: Sequence[int]) -> TieBreak | None:
    """Return what settled it when an equal was free as well."""
    last, value = plan.tick.team.last_contact_at, plan.value(row)
    equals = [other for other in others if value[other] == value[column] and other not in plan.taken]
    if not equals:
        return None
    if all(last[column] < last[other] for other in equals):
        return TieBreak.LONGEST_FREE
    return TieBreak.DRAWN


def _candidate(plan: Plan, row: int, column: int) -> Candidate:
    """Return an agent as weighed for an item; items alike share all but who got the agent."""
    kind = ("weighed", plan.kind(row), column)
    weighed = plan.tick.once(kind, lambda: _weighed(plan, row, column))
    by = plan.taken.get(column)
    if by is None or by == row:
        return weighed
    item = plan.tick.items[by].id
    return Candidate(weighed.agent, weighed.total, weighed.terms, weighed.facts, taken_by=item)


def _weighed(plan: Plan, row: int, column: int) -> Candidate:
    return Candidate(
        agent=plan.tick.team.ids.item(column),
        total=plan.total(row).item(column),
        terms=tuple(
            (code, share if isinstance(share, float) else share.item(column))
            for code, share in plan.terms(row).items()
        ),
        facts=_facts(plan, row, column),
    )


def _facts(plan: Plan, row: int, column: int) -> Facts:
    tick, team = plan.tick, plan.tick.team
    item, agent = tick.items[row], team.ids.item(column)
    known = next((known for known in item.known if known.agent == agent), NOBODY)
    levels = weakest_level(tick, tick.ask(row))
    places = team.places.item(column)
    return Facts(
        known_times=known.times,
        known_first_at=known.first_at,
        known_last_at=known.last_at,
        owns_case=known.owns_case,
        language=item.language if item.language and team.speaks(item.language)[column] else "",
        level=None if levels is None else levels.item(column),
        places_free=max(0, places - team.places_held.item(column)),
        places=places,
        chats=team.chats.item(column),
        free_since=team.last_contact_at.item(column),
    )

"""Who gets what: holds, then overdue live work, overdue mail in its turn, live work, mail."""

import math

import numpy as np

from routing.engine.decision import Refusal, RuleCode
from routing.engine.matching import match
from routing.engine.plan import Plan
from routing.engine.scoring import callable_now, strength
from routing.engine.team import Bools
from routing.engine.values import Known, WorkItem

SOON = frozenset({Refusal.BREATHER, Refusal.OFFER_OPEN, Refusal.CAPACITY})
AWAY = frozenset({Refusal.PRESENCE, Refusal.STATUS})


def select(plan: Plan) -> None:
    """Fill a plan stage by stage; what an earlier stage settled, a later one does not touch."""
    hold_for_known_agents(plan)
    assign_overdue_live_work(plan)
    assign_overdue_mail_in_turn(plan)
    items = plan.tick.items
    match(plan, [row for row, item in enumerate(items) if item.medium.is_live])
    mails = [row for row, item in enumerate(items) if not item.medium.is_live]
    match(plan, mails, kept=keep_reserve(plan, mails))


def hold_for_known_agents(plan: Plan) -> None:
    """Hold work (by default mail) for an agent who knows the customer, if they are free soon enough."""
    tick, policy = plan.tick, plan.tick.policy
    for row, item in enumerate(tick.items):
        if item.hold and item.hold.until > tick.now:
            plan.fired(row, RuleCode.HOLD, agent=item.hold.agent, until=item.hold.until)
            continue
        longest = policy.hold_gone_at * policy.target_seconds(item)
        seconds = min(policy.rules(item.medium).hold_seconds, longest)
        until = item.eligible_at + item.closed_seconds + seconds
        if until <= tick.now or row in tick.elders:
            continue
        known = _best_known(plan, item)
        if known and _can_take_soon(plan, row, known.agent, until):
            plan.holds[row] = tick.team.column[known.agent]
            plan.fired(row, RuleCode.HOLD, agent=known.agent, until=until)


def assign_overdue_live_work(plan: Plan) -> None:
    """Assign overdue live work first; if nobody is free, reserve the agent who will be free first for it."""
    for row in plan.tick.elders:
        if not plan.tick.items[row].medium.is_live:
            continue
        plan.fired(row, RuleCode.ELDER)
        best = plan.best(row, plan.open(row))
        if best:
            plan.pick(row, best[0])
        else:
            _drain_first_free(plan, row)


def assign_overdue_mail_in_turn(plan: Plan) -> None:
    """Assign overdue mail to agents whose turn it is: one in four of each agent's new items."""
    tick = plan.tick
    turn = tick.team.elder_credit >= tick.policy.elder_share - 1
    for row in tick.elders:
        if tick.items[row].medium.is_live:
            continue
        best = plan.best(row, plan.open(row) & turn)
        if best:
            plan.fired(row, RuleCode.ELDER_TURN, share=tick.policy.elder_share)
            plan.pick(row, best[0])
        else:
            plan.fired(row, RuleCode.ELDER)


def keep_reserve(plan: Plan, mails: list[int]) -> dict[int, Bools]:
    """Return by mail the agents whom it may not take, so that somebody is free for calls and chats.

    The reserve is the square root of the people live work needs now (a threshold after Gans and Zhou
    2003). It shrinks while the mail waits, and is zero without live work. A mail that is held for the agent
    who knows its customer is not affected: they get it as soon as they are free.
    """
    tick, policy = plan.tick, plan.tick.policy
    idle = callable_now(tick) & (tick.team.active_mails == 0) & ~plan.busy
    live = sum(tick.items[row].medium.is_live for row in plan.picks) + int(np.count_nonzero(tick.live_units))
    full = policy.reserve * math.sqrt(live)
    left = idle.copy()
    settled = plan.picks.keys() | plan.holds.keys()
    kept: dict[int, Bools] = {}
    for need, row in sorted((full * _freshness(plan, row), row) for row in mails if row not in settled):
        free = int(np.count_nonzero(left))
        if need <= 0 or free > need:
            # The mail uses up one agent, and none if nobody who is free can take it.
            left[np.flatnonzero(plan.open(row) & left)[:1]] = False
        else:
            kept[row] = idle
            plan.fired(row, RuleCode.RESERVE, free=free, kept=round(need, 1))
    return kept


def elder_credit(plan: Plan, row: int, column: int) -> int:
    """Return an agent's credit after an item: 0 after an overdue mail, one more if such a mail must wait."""
    tick = plan.tick
    credit = int(tick.team.elder_credit[column])
    if row in tick.elders and not tick.items[row].medium.is_live:
        return 0
    return min(credit + 1, tick.policy.elder_share - 1) if plan.passed_over[column] else credit


def _best_known(plan: Plan, item: WorkItem) -> Known | None:
    """Return the agent who knows the customer best, if the relation is strong enough to wait for them."""
    tick = plan.tick
    here = [known for known in item.known if known.agent in tick.team.column]
    if not here or not tick.policy.rules(item.medium).hold_seconds:
        return None
    best = max(here, key=lambda known: (strength(tick.policy, known, tick.now), -known.agent))
    return best if strength(tick.policy, best, tick.now) >= tick.policy.hold_strength else None


def _can_take_soon(plan: Plan, row: int, agent_id: int, until: float) -> bool:
    """Tell whether an agent can take an item before `until`, with enough time left in their shift."""
    tick = plan.tick
    column = tick.team.column[agent_id]
    if tick.shift_left[column] < tick.policy.hold_shift_seconds:
        return False
    refused = plan.feasible.refusal(tick.ask_of[row], column)
    if refused is None or refused.code in SOON:
        return True
    return refused.code in AWAY and bool(tick.team.back_at[column] <= until)


def _drain_first_free(plan: Plan, row: int) -> None:
    """Reserve for an item the agent who will be free first, among those who lack only capacity for it."""
    tick = plan.tick
    ask = tick.ask_of[row]
    engaged: list[int] = np.flatnonzero(~plan.busy & (tick.live_units > 0)).tolist()
    full = [
        column
        for column in engaged
        if (refused := plan.feasible.refusal(ask, column)) and refused.code is Refusal.CAPACITY
    ]
    if full:
        first = min(full, key=lambda column: (tick.team.live_ends_at[column], column))
        plan.drain(row, first)
        plan.fired(row, RuleCode.DRAINING, agent=int(tick.team.ids[first]))


def _freshness(plan: Plan, row: int) -> float:
    """Return how new a mail is: 1 if it has just arrived, 0 if a set share of its target is over."""
    tick, policy = plan.tick, plan.tick.policy
    item = tick.items[row]
    if row in tick.elders or not policy.reserve_gone_at:
        return 0.0
    return max(0.0, 1 - tick.waited_seconds(item) / (policy.reserve_gone_at * policy.target_seconds(item)))

"""Who could take what: one function a rule, each naming whom it refuses, in the order reasons are told.

Adding a rule is writing a function and naming it in `PREDICATES`. A rule gets the tick, what is asked
and who still stands, and returns whom it refuses (or None: nobody). Rules of the first part refuse for
good, those of the second (`passes`) only for now; so the first reason found is the weightiest.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.engine.decision import Refusal
from routing.engine.tick import Ask, Bools, Tick, bools, floats, ints
from routing.engine.values import CALL_UNITS, CHAT_UNITS, Medium

type Rows = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Predicate:
    """A named rule; `passes` says whether its reason goes away by itself."""

    code: Refusal
    refused: Callable[[Tick, Ask, Bools], Bools | None]
    passes: bool = False


@dataclass(frozen=True, slots=True)
class Feasibility:
    """For each ask and agent: 0 for able, else 1 + the index of the predicate that refused first."""

    codes: Rows

    def able(self, row: int) -> Bools:
        """Return who could take what an ask asks for."""
        able: Bools = self.codes[row] == 0
        return able

    def refusal(self, row: int, column: int) -> Predicate | None:
        """Return the rule that refused an agent, if any did."""
        code = int(self.codes[row, column])
        return PREDICATES[code - 1] if code else None


def feasibility(tick: Tick) -> Feasibility:
    """Ask every rule about every ask and agent of a tick."""
    codes = np.zeros((len(tick.asks), len(tick.agents)), dtype=np.int8)
    for row, ask in enumerate(tick.asks):
        standing = ~tick.nobody()
        for number, predicate in enumerate(PREDICATES, start=1):
            refused = predicate.refused(tick, ask, standing)
            if refused is not None:
                np.copyto(codes[row], number, where=standing & refused)
                standing &= ~refused
    return Feasibility(codes)


def queue(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who may not work in the item's queue."""
    return ~tick.members.get(ask.queue, tick.nobody())


def skill(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who miss the level of a required skill; this never relaxes."""
    refused = None
    for need in ask.required:
        below = tick.level(need.skill) < need.level
        refused = below if refused is None else refused | below
    return refused


def language(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who do not speak the customer's language, where it is a must."""
    if not ask.language or not ask.language_required:
        return None
    return ~tick.speakers.get(ask.language, tick.nobody())


def region(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those outside the region an item must stay in."""
    if not ask.region:
        return None
    return bools(agent.region != ask.region for agent in tick.agents)


def clearance(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who miss a clearance."""
    refused = None
    for name in ask.clearances:
        missing = ~tick.cleared.get(name, tick.nobody())
        refused = missing if refused is None else refused | missing
    return refused


def excluded(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who declined this item or did not answer, for a while."""
    return bools(agent.id in ask.excluded for agent in tick.agents) if ask.excluded else None


def on_leave(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those on leave."""
    return tick.once(Refusal.LEAVE, lambda: bools(agent.on_leave for agent in tick.agents))


def off_shift(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who do not work at this hour."""
    return tick.shift_left <= 0


def shift_ends(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse live work to those whose shift ends before it usually would, unless they stay late."""
    if not ask.medium.is_live:
        return None
    stays = tick.once("stays_late", lambda: bools(agent.stays_late for agent in tick.agents))
    return (tick.shift_left < tick.policy.rules(ask.medium).handling_seconds) & ~stays


def absent(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those of whom nothing was heard lately; a mail can wait for a page in the background."""
    policy, is_live = tick.policy, ask.medium.is_live
    oldest = tick.now - (policy.presence_seconds if is_live else policy.mail_presence_seconds)
    return tick.once((Refusal.PRESENCE, is_live), lambda: tick.seen_at < oldest)


def status(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those whose status does not allow this medium."""
    medium = ask.medium
    return tick.once(
        (Refusal.STATUS, medium), lambda: bools(medium not in agent.media for agent in tick.agents)
    )


def focus(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse live work to those who asked not to be interrupted."""
    if not ask.medium.is_live:
        return None
    return tick.once(Refusal.FOCUS, lambda: bools(agent.focus for agent in tick.agents))


def wanted(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those below the wanted levels, lowered with time, or at once if nobody reaches them."""
    if not ask.wanted and (not ask.language or ask.language_required):
        return None
    for step in range(ask.step, len(tick.policy.ladder)):
        below = _below(tick, ask, step)
        if (standing & ~below).any():
            return below
    return None


def breather(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who just ended live work; the busiest get longer when nobody waits too long."""
    return tick.once(Refusal.BREATHER, lambda: _in_breather(tick))


def offer_open(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who have an offer to answer."""
    return tick.once(Refusal.OFFER_OPEN, lambda: bools(agent.offer_open for agent in tick.agents))


def places(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse mail to those whose open tickets hold all their places."""
    if ask.medium.is_live:
        return None
    return tick.once(
        Refusal.PLACES, lambda: bools(agent.places_held >= agent.places for agent in tick.agents)
    )


def capacity(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those whose hands are full: a call wants them wholly, a chat a third, a mail between."""
    return tick.once((Refusal.CAPACITY, ask.medium), lambda: _full(tick, ask.medium))


def held(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse everybody but the one an item is kept for."""
    return None if ask.held_for is None else tick.ids != ask.held_for


PREDICATES = (
    Predicate(Refusal.QUEUE, queue),
    Predicate(Refusal.SKILL, skill),
    Predicate(Refusal.LANGUAGE, language),
    Predicate(Refusal.REGION, region),
    Predicate(Refusal.CLEARANCE, clearance),
    Predicate(Refusal.EXCLUDED, excluded),
    Predicate(Refusal.LEAVE, on_leave),
    Predicate(Refusal.SHIFT, off_shift),
    Predicate(Refusal.SHIFT_ENDS, shift_ends),
    Predicate(Refusal.PRESENCE, absent, passes=True),
    Predicate(Refusal.STATUS, status, passes=True),
    Predicate(Refusal.FOCUS, focus, passes=True),
    Predicate(Refusal.WANTED, wanted, passes=True),
    Predicate(Refusal.OFFER_OPEN, offer_open, passes=True),
    Predicate(Refusal.BREATHER, breather, passes=True),
    Predicate(Refusal.PLACES, places, passes=True),
    Predicate(Refusal.CAPACITY, capacity, passes=True),
    Predicate(Refusal.HOLD, held, passes=True),
)


def _below(tick: Tick, ask: Ask, step: int) -> Bools:
    """Return who misses a wanted level lowered by `step`; a wanted language stays to the last rung."""
    below = tick.nobody()
    if ask.language and not ask.language_required:
        below |= ~tick.speakers.get(ask.language, tick.nobody())
    for need in ask.wanted:
        below |= tick.level(need.skill) < need.level - step
    return below


def _in_breather(tick: Tick) -> Bools:
    policy = tick.policy
    ended = floats(-math.inf if agent.last_live_at is None else agent.last_live_at for agent in tick.agents)
    long = (tick.occupancy > policy.breather_occupancy) & (not tick.elders)
    lasts = np.where(long, policy.long_breather_seconds, policy.breather_seconds)
    resting: Bools = tick.now - ended < lasts
    return resting


def _full(tick: Tick, medium: Medium) -> Bools:
    policy, units, mails = tick.policy, tick.live_units, tick.active_mails
    if medium is Medium.MAIL:
        return (mails >= policy.active_mails) | (units > policy.mail_live_units)
    interrupted = bools(agent.mail_interrupted or not policy.mail_interruptible for agent in tick.agents)
    unbroken: Bools = (mails > 0) & interrupted
    if medium is Medium.VOICE:
        return unbroken | (units > 0)
    limits = ints(agent.chat_limit for agent in tick.agents)
    return unbroken | (units + CHAT_UNITS > CALL_UNITS) | (tick.chats >= limits)

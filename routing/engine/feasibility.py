"""Who could take what: one function a rule, each naming whom it refuses, in the order reasons are told.

Adding a rule is writing a function and naming it in `PREDICATES`. A rule gets the tick, what is asked
and who still stands, and returns whom it refuses (or None: nobody). Rules of the first part refuse for
good, those of the second (`passes`) only for now; so the first reason found is the weightiest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from routing.engine.decision import Refusal
from routing.engine.team import Bools
from routing.engine.tick import Ask, Tick
from routing.engine.values import CALL_UNITS, CHAT_UNITS, Medium

type Rows = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Predicate:
    """A named rule.

    `passes` says whether its reason goes away by itself; `by_medium` that it asks nothing of an item but
    its medium, so that its answer is kept for a whole tick; `lasts` that it asks only what seldom changes,
    so that its answer is kept with the team.
    """

    code: Refusal
    refused: Callable[[Tick, Ask, Bools], Bools | None]
    passes: bool = False
    by_medium: bool = False
    lasts: bool = False


@dataclass
class Feasibility:
    """Who could take what, for each ask of a tick; why not, when somebody wants to know."""

    tick: Tick
    _able: dict[int, Bools] = field(default_factory=dict)
    _codes: dict[int, Rows] = field(default_factory=dict)

    def able(self, ask: int) -> Bools:
        """Return who could take what an ask asks for."""
        if ask not in self._able:
            self._able[ask] = _able(self.tick, self.tick.asks[ask])
        return self._able[ask]

    def codes(self, ask: int) -> Rows:
        """Return for each agent 0 for able, else 1 + the index of the predicate that refused first."""
        if ask not in self._codes:
            self._codes[ask] = _codes(self.tick, self.tick.asks[ask])
        return self._codes[ask]

    def refusal(self, ask: int, column: int) -> Predicate | None:
        """Return the rule that refused an agent, if any did."""
        if self.able(ask)[column]:
            return None
        code = int(self.codes(ask)[column])
        return PREDICATES[code - 1] if code else None


def queue(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who may not work in the item's queue."""
    return ~tick.team.works_in(ask.queue)


def skill(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who miss the level of a required skill; this never relaxes."""
    refused = None
    for need in ask.required:
        below = tick.team.level(need.skill) < need.level
        refused = below if refused is None else refused | below
    return refused


def language(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who do not speak the customer's language, where it is a must."""
    if not ask.language or not ask.language_required:
        return None
    return ~tick.team.speaks(ask.language)


def region(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those outside the region an item must stay in."""
    return ~tick.team.is_in(ask.region) if ask.region else None


def clearance(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who miss a clearance."""
    refused = None
    for name in ask.clearances:
        missing = ~tick.team.is_cleared(name)
        refused = missing if refused is None else refused | missing
    return refused


def excluded(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who declined this item or did not answer, for a while."""
    return np.isin(tick.team.ids, list(ask.excluded)) if ask.excluded else None


def on_leave(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those on leave."""
    return tick.team.on_leave


def refuse_off_shift(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who do not work at this hour."""
    return tick.shift_left <= 0


def shift_ends(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse live work to those whose shift ends before it usually would, unless they stay late."""
    if not ask.medium.is_live:
        return None
    ends = tick.shift_left < tick.policy.rules(ask.medium).handling_seconds
    return ends & ~tick.team.stays_late


def absent(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those of whom nothing was heard lately; a mail can wait for a page in the background."""
    if ask.medium.is_live:
        return ~tick.heard
    return tick.team.seen_at < tick.now - tick.policy.mail_presence_seconds


def status(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those whose status does not allow this medium."""
    return ~tick.team.allows(ask.medium)


def focus(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse live work to those who asked not to be interrupted."""
    return tick.team.focus if ask.medium.is_live else None


def wanted(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those below the wanted levels, lowered with time, or at once if nobody reaches them."""
    if not ask.wanted and (not ask.language or ask.language_required):
        return None
    for step in range(ask.step, len(tick.policy.ladder)):
        below = _below(tick, ask, step)
        if (standing & ~below).any():
            return below
    return None


def offer_open(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who have an offer to answer."""
    return tick.team.offer_open


def places(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse mail to those whose open tickets hold all their places."""
    return None if ask.medium.is_live else tick.team.places_held >= tick.team.places


def settling(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse the next mail to those who have just signed on and got one a moment ago: nobody is flooded."""
    return None if ask.medium.is_live else tick.team.settling


def capacity(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse agents without free capacity: a call needs all of it, a chat a third, a mail less than that."""
    policy, team, units = tick.policy, tick.team, tick.live_units
    if ask.medium is Medium.MAIL:
        return (team.active_mails >= policy.active_mails) | (units > policy.mail_live_units)
    if ask.medium is Medium.VOICE:
        return ~interruptible(tick) | (units > 0)
    reading = (team.active_mails > 0) & (units == 0)
    unbroken = ~interruptible(tick) if policy.chat_interrupts else reading
    return unbroken | (units + CHAT_UNITS > CALL_UNITS) | (team.chats >= team.chat_limit)


def interruptible(tick: Tick) -> Bools:
    """Return agents whose mail does not block live work: none open, not interrupted yet, or paused."""
    team = tick.team
    free: Bools = team.active_mails == 0
    return free | ~team.mail_interrupted | (tick.live_units > 0) if tick.policy.mail_interruptible else free


def breather(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse those who just ended live work; the busiest get longer, as long as somebody else can do it."""
    short, long = tick.once("breathers", lambda: _breathers(tick))
    return short if tick.elders or not (standing & ~long).any() else long


def held(tick: Tick, ask: Ask, standing: Bools) -> Bools | None:
    """Refuse everybody but the one an item is kept for."""
    return None if ask.held_for is None else tick.team.ids != ask.held_for


PREDICATES = (
    Predicate(Refusal.QUEUE, queue, lasts=True),
    Predicate(Refusal.SKILL, skill, lasts=True),
    Predicate(Refusal.LANGUAGE, language, lasts=True),
    Predicate(Refusal.REGION, region, lasts=True),
    Predicate(Refusal.CLEARANCE, clearance, lasts=True),
    Predicate(Refusal.EXCLUDED, excluded),
    Predicate(Refusal.LEAVE, on_leave, by_medium=True),
    Predicate(Refusal.SHIFT, refuse_off_shift, by_medium=True),
    Predicate(Refusal.SHIFT_ENDS, shift_ends, by_medium=True),
    Predicate(Refusal.PRESENCE, absent, passes=True, by_medium=True),
    Predicate(Refusal.STATUS, status, passes=True, by_medium=True),
    Predicate(Refusal.FOCUS, focus, passes=True, by_medium=True),
    Predicate(Refusal.WANTED, wanted, passes=True),
    Predicate(Refusal.OFFER_OPEN, offer_open, passes=True, by_medium=True),
    Predicate(Refusal.PLACES, places, passes=True, by_medium=True),
    Predicate(Refusal.SETTLING, settling, passes=True, by_medium=True),
    Predicate(Refusal.CAPACITY, capacity, passes=True, by_medium=True),
    Predicate(Refusal.BREATHER, breather, passes=True),
    Predicate(Refusal.HOLD, held, passes=True),
)


NUMBERS = {rule.code: number for number, rule in enumerate(PREDICATES, start=1)}
LASTING = tuple(rule for rule in PREDICATES if rule.lasts)
# The others in their order, neighbours that look at the medium only taken together.
RUNS = tuple(
    run
    for by_medium, rules in groupby(
        (rule for rule in PREDICATES if not rule.lasts), lambda rule: rule.by_medium
    )
    for run in ([tuple(rules)] if by_medium else [(rule,) for rule in rules])
)


def _able(tick: Tick, ask: Ask) -> Bools:
    """Ask the rules about one ask, in their order; answers that hold for many asks are asked for once."""
    able: Bools = _lasting(tick, ask) == 0
    for number, rules in enumerate(RUNS):
        if rules[0].by_medium:
            able &= _by_medium(tick, ask, number) == 0
        elif (refused := rules[0].refused(tick, ask, able)) is not None:
            able &= ~refused
    return able


def _codes(tick: Tick, ask: Ask) -> Rows:
    """Ask every rule and keep for each agent the first that refused."""
    codes = _lasting(tick, ask).copy()
    for number, rules in enumerate(RUNS):
        if rules[0].by_medium:
            np.copyto(codes, _by_medium(tick, ask, number), where=codes == 0)
        else:
            _refuse(tick, ask, rules[0], codes)
    return codes


def _lasting(tick: Tick, ask: Ask) -> Rows:
    """Return who is refused by rules that ask what seldom changes; kept with the team."""
    language = ask.language if ask.language_required else ""
    key = "codes", ask.queue, ask.required, language, ask.region, ask.clearances
    return tick.team.kept(key, lambda: _first_refusals(tick, ask, LASTING))


def _by_medium(tick: Tick, ask: Ask, number: int) -> Rows:
    """Return who is refused by a run of rules that ask for the medium only; kept for the tick."""
    return tick.once(("codes", ask.medium, number), lambda: _first_refusals(tick, ask, RUNS[number]))


def _breathers(tick: Tick) -> tuple[Bools, Bools]:
    """Return who has just ended live work, and those beside the busiest, who get longer."""
    policy, team = tick.policy, tick.team
    since = tick.now - team.last_live_at
    short = since < policy.breather_seconds
    return short, short | (team.occupancy > policy.breather_occupancy) & (
        since < policy.long_breather_seconds
    )


def _first_refusals(tick: Tick, ask: Ask, rules: Sequence[Predicate]) -> Rows:
    codes = np.zeros(len(tick.team), dtype=np.int8)
    for rule in rules:
        _refuse(tick, ask, rule, codes)
    return codes


def _refuse(tick: Tick, ask: Ask, rule: Predicate, codes: Rows) -> None:
    """Write a rule's number to those it refuses among those who still stand."""
    standing = codes == 0
    refused = rule.refused(tick, ask, standing)
    if refused is not None:
        np.copyto(codes, NUMBERS[rule.code], where=standing & refused)


def _below(tick: Tick, ask: Ask, step: int) -> Bools:
    """Return who misses a wanted level lowered by `step`; a wanted language stays to the last rung."""
    below = tick.nobody()
    if ask.language and not ask.language_required:
        below |= ~tick.team.speaks(ask.language)
    for need in ask.wanted:
        below |= tick.team.level(need.skill) < need.level - step
    return below

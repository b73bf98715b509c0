"""The states of a ticket and the one table of their transitions (docs/architecture.md shows it)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    NEW = "new", _("new")
    OPEN = "open", _("open")
    PENDING = "pending", _("pending")
    ON_HOLD = "on_hold", _("on hold")
    SOLVED = "solved", _("solved")
    CLOSED = "closed", _("closed")


class WaitsOn(models.TextChoices):
    US = "us", _("waits on us")
    CUSTOMER = "customer", _("waits on the customer")
    THIRD_PARTY = "third_party", _("waits on a third party")
    NOBODY = "nobody", _("waits on nobody")


WAITS_ON: dict[str, str] = {
    State.NEW: WaitsOn.US,
    State.OPEN: WaitsOn.US,
    State.PENDING: WaitsOn.CUSTOMER,
    State.ON_HOLD: WaitsOn.THIRD_PARTY,
    State.SOLVED: WaitsOn.NOBODY,
    State.CLOSED: WaitsOn.NOBODY,
}

# From each state, the states that may follow. Messages, assignments, replies and timers use no others.
TRANSITIONS: dict[str, frozenset[str]] = {
    State.NEW: frozenset({State.OPEN, State.PENDING, State.ON_HOLD, State.SOLVED, State.CLOSED}),
    State.OPEN: frozenset({State.PENDING, State.ON_HOLD, State.SOLVED, State.CLOSED}),
    State.PENDING: frozenset({State.OPEN, State.ON_HOLD, State.SOLVED, State.CLOSED}),
    State.ON_HOLD: frozenset({State.OPEN, State.PENDING, State.SOLVED, State.CLOSED}),
    State.SOLVED: frozenset({State.OPEN, State.CLOSED}),
    State.CLOSED: frozenset({State.OPEN}),
}

ACTIVE = (State.NEW, State.OPEN, State.PENDING, State.ON_HOLD)
FINISHED = (State.SOLVED, State.CLOSED)


def is_transition_allowed(source: str, target: str) -> bool:
    """Tell whether a ticket in state `source` may change to state `target`."""
    return target in TRANSITIONS[source]

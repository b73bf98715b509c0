"""What routing's codes say in words, in the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tickets.models.fields import Language

# Why a number of people cannot take an item now.
SEVERAL: Mapping[str, Callable[[int], str]] = {
    "queue": lambda n: ngettext("%(n)s works in other queues", "%(n)s work in other queues", n),
    "skill": lambda n: ngettext("%(n)s lacks a skill it needs", "%(n)s lack a skill it needs", n),
    "language": lambda n: ngettext("%(n)s does not speak the language", "%(n)s do not speak the language", n),
    "region": lambda n: ngettext("%(n)s is in another region", "%(n)s are in another region", n),
    "clearance": lambda n: ngettext("%(n)s lacks a clearance", "%(n)s lack a clearance", n),
    "excluded": lambda n: ngettext("%(n)s could not take it just now", "%(n)s could not take it just now", n),
    "leave": lambda n: ngettext("%(n)s is on leave", "%(n)s are on leave", n),
    "shift": lambda n: ngettext("%(n)s does not work at this hour", "%(n)s do not work at this hour", n),
    "shift_ends": lambda n: ngettext("the shift of %(n)s ends soon", "the shifts of %(n)s end soon", n),
    "presence": lambda n: ngettext("%(n)s is offline", "%(n)s are offline", n),
    "status": lambda n: ngettext("%(n)s is away", "%(n)s are away", n),
    "focus": lambda n: ngettext("%(n)s is focusing", "%(n)s are focusing", n),
    "wanted": lambda n: ngettext("%(n)s is less skilled", "%(n)s are less skilled", n),
    "breather": lambda n: ngettext("%(n)s is in wrap-up", "%(n)s are in wrap-up", n),
    "offer_open": lambda n: ngettext("%(n)s has an offer to answer", "%(n)s have an offer to answer", n),
    "places": lambda n: ngettext("%(n)s is at full ticket capacity", "%(n)s is at full ticket capacity", n),
    "settling": lambda n: ngettext(
        "%(n)s has just signed on and gets one after the other",
        "%(n)s have just signed on and get one after the other",
        n,
    ),
    "capacity": lambda n: ngettext("%(n)s has no capacity left", "%(n)s have no capacity left", n),
    "hold": lambda n: ngettext("it is not reserved for %(n)s", "it is not reserved for %(n)s", n),
}


def describe_refusals(code: str, count: int) -> str:
    """Return why `count` people cannot take an item: "2 are on leave"."""
    return SEVERAL[code](count) % {"n": count}


def describe_refusal(code: str) -> str:
    """Return why a person cannot take an item, after their name: "Carol: on leave"."""
    return {
        "queue": _("works in other queues"),
        "skill": _("lacks a skill it needs"),
        "language": _("does not speak the language"),
        "region": _("is in another region"),
        "clearance": _("lacks a clearance"),
        "excluded": _("could not take it just now"),
        "leave": _("on leave"),
        "shift": _("does not work at this hour"),
        "shift_ends": _("the shift ends soon"),
        "presence": _("offline"),
        "status": _("away"),
        "focus": _("is focusing"),
        "wanted": _("is less skilled"),
        "breather": _("in wrap-up after the last conversation"),
        "offer_open": _("has an offer to answer"),
        "places": _("at full ticket capacity"),
        "settling": _("has just signed on and gets one after the other"),
        "capacity": _("no capacity left"),
        "hold": _("it is reserved for somebody else"),
    }[code]


def describe_term(code: str) -> str:
    """Return the name of a term of the score."""
    return {
        "urgency": _("how long it has waited"),
        "fit": _("how well it fits"),
        "continuity": _("knows the customer"),
        "fairness": _("recent work, compared with others"),
        "congestion": _("chats would take longer"),
        "price": _("is needed for calls"),
        "interruption": _("a mail would be interrupted"),
    }[code]


def describe_fact(code: str, values: Mapping[str, Any], *, to_them: bool) -> str:
    """Return a fact about an agent, addressed to them ("you speak French") or not ("speaks French")."""
    mine, theirs = {
        "owner": (_("you had it before"), _("had it before")),
        "known": (_("you helped %(customer)s %(often)s"), _("helped %(customer)s %(often)s")),
        "language": (_("you speak %(language)s"), _("speaks %(language)s")),
        "level": (_("you know the subject well"), _("knows the subject well")),
        "places": (
            _("you have capacity (%(used)s of %(places)s in use)"),
            _("has capacity (%(used)s of %(places)s in use)"),
        ),
        "no_chat": (_("you have no other chat"), _("has no other chat")),
        "less_work": (_("you had less work than the others"), _("had less work than the others")),
        "longest_free": (_("you were idle the longest"), _("idle the longest")),
        "drawn": (_("chosen at random among equals"), _("chosen at random among equals")),
        "only": (_("nobody else can take it now"), _("nobody else can take it now")),
    }[code]
    return (mine if to_them else theirs) % values


def describe_frequency(times: int, first_at: float | None, last_at: float | None, now: datetime) -> str:
    """Return how often and when somebody helped: "twice in May", "three times, last in May"."""
    often = {1: _("once"), 2: _("twice")}.get(times) or _("%(n)s times") % {"n": times}
    if last_at is None:
        return often
    last, first = format_month(last_at, now), format_month(first_at, now) if first_at is not None else ""
    words = {"often": often, "month": last}
    return (_("%(often)s in %(month)s") if first in ("", last) else _("%(often)s, last in %(month)s")) % words


def format_month(moment: float, now: datetime) -> str:
    """Return the month of a moment, with its year unless it is this one."""
    local = datetime.fromtimestamp(moment, UTC).astimezone(timezone.get_current_timezone())
    same_year = local.year == now.astimezone(local.tzinfo).year
    return date_format(local, pgettext("month", "F") if same_year else pgettext("month with year", "F Y"))


def format_language(code: str) -> str:
    """Return a language's name as in a sentence: "speaks French", in French "parle français"."""
    return str(dict(Language.choices).get(code, code)) if code != "fr" else _("French")


def join_parts(parts: list[str]) -> str:
    """Return parts as one list: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return _("%(parts)s and %(last)s") % {"parts": ", ".join(parts[:-1]), "last": parts[-1]}

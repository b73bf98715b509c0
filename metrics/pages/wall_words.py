"""The wall in words: the one sentence of advice, and how each queue stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metrics.pages import display
from metrics.pages.wallboard import QueueNow, Wall


@dataclass(frozen=True)
class Line:
    """One queue of the table, ready to be read."""

    now: QueueNow
    name: str
    oldest: str
    expected: str
    people: str
    busy: int | None


def build_lines(wall: Wall, names: dict[int, str], *, now: datetime) -> list[Line]:
    """Return the table's rows, the queues in trouble first."""
    return [
        Line(
            queue,
            names[queue.queue],
            display.format_duration((now - queue.since).total_seconds()) if queue.since else "–",
            _expected(queue, now=now),
            _("%(there)s of %(planned)s") % {"there": queue.there, "planned": queue.planned},
            None if queue.busy is None else round(queue.busy * 100),
        )
        for queue in wall.queues
    ]


def choose_advice(wall: Wall, names: dict[int, str], *, now: datetime) -> tuple[str, str]:
    """Return what to look at first, and the facts behind it; two empty texts when all is well.

    A word that was broken comes before one that may be, and a queue without anybody before the others.
    """
    if not wall.queues:
        return "", ""
    worst = wall.queues[0]
    words = {"queue": names[worst.queue], "there": worst.there, "late": worst.late, "risk": worst.at_risk}
    if worst.waiting and not worst.there and (worst.late or worst.at_risk):
        return _("Nobody is online in %(queue)s.") % words, _threat(worst, now=now)
    if worst.late:
        return _("%(queue)s is behind.") % words, _threat(worst, now=now)
    if worst.at_risk > worst.there:
        return _("%(queue)s needs more agents in the next half hour.") % words, _threat(worst, now=now)
    if worst.at_risk:
        return _("Look at %(queue)s first.") % words, _threat(worst, now=now)
    return "", ""


def _threat(queue: QueueNow, *, now: datetime) -> str:
    """Return the facts about a queue in trouble, one short sentence each."""
    facts = []
    if queue.late:
        facts.append(
            ngettext(
                "%(n)s customer waits longer than promised.",
                "%(n)s customers wait longer than promised.",
                queue.late,
            )
            % {"n": queue.late}
        )
    if queue.at_risk:
        facts.append(
            ngettext(
                "%(n)s promise is due within 30 minutes.",
                "%(n)s promises are due within 30 minutes.",
                queue.at_risk,
            )
            % {"n": queue.at_risk}
        )
    if queue.there:
        facts.append(
            ngettext("%(n)s agent is online.", "%(n)s agents are online.", queue.there) % {"n": queue.there}
        )
    return " ".join(facts)


def _expected(queue: QueueNow, *, now: datetime) -> str:
    if queue.expected is None:
        return "–"
    start, end = (max(timedelta(0), at - now).total_seconds() for at in queue.expected)
    return (
        f"{display.format_duration(start)}–{display.format_duration(end)}"
        if start >= 60
        else _("up to %(duration)s") % {"duration": display.format_duration(end)}
    )

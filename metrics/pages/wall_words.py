"""The wallboard in words: one sentence of advice, and the state of each queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metrics.pages.wallboard import QueueNow, Wall
from routing.explanation import terms
from tickets import wording


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
            wording.format_duration((now - queue.since).total_seconds()) if queue.since else "–",
            _expected(queue, now=now),
            _("%(there)s of %(planned)s") % {"there": queue.there, "planned": queue.planned},
            None if queue.busy is None else round(queue.busy * 100),
        )
        for queue in wall.queues
    ]


def choose_advice(wall: Wall, names: dict[int, str]) -> tuple[str, str]:
    """Return the most urgent advice and the facts behind it; two empty strings if all is well.

    A word that was broken comes before one that may be, and a queue without anybody before the others;
    each queue in the same trouble is named.
    """
    deserted = [queue for queue in wall.queues if queue.is_deserted]
    behind = [queue for queue in wall.queues if queue.is_behind and not queue.is_deserted]
    if deserted or behind:
        sentences = [_nobody_in(deserted, names), _behind(behind, names)]
        return " ".join(filter(None, sentences)), _facts(deserted + behind, names)
    at_risk = [queue for queue in wall.queues if queue.at_risk]
    short = [queue for queue in at_risk if queue.at_risk > queue.there]
    if short:
        title = ngettext(
            "%(queues)s needs more agents in the next half hour.",
            "%(queues)s need more agents in the next half hour.",
            len(short),
        )
        return title % {"queues": _named(short, names)}, _facts(short, names)
    if at_risk:
        title = _("Look at %(queues)s first.")
        return title % {"queues": _named(at_risk, names)}, _facts(at_risk, names)
    return "", ""


def _nobody_in(queues: list[QueueNow], names: dict[int, str]) -> str:
    if not queues:
        return ""
    return _("Nobody is online in %(queues)s.") % {"queues": _named(queues, names)}


def _behind(queues: list[QueueNow], names: dict[int, str]) -> str:
    if not queues:
        return ""
    title = ngettext("%(queues)s is behind.", "%(queues)s are behind.", len(queues))
    return title % {"queues": _named(queues, names)}


def _named(queues: list[QueueNow], names: dict[int, str]) -> str:
    return terms.join_parts([names[queue.queue] for queue in queues])


def _facts(queues: list[QueueNow], names: dict[int, str]) -> str:
    """Return the facts about queues in trouble; of several, each one's after its name."""
    if len(queues) == 1:
        return _threat(queues[0])
    lines = [{"queue": names[queue.queue], "facts": _threat(queue)} for queue in queues]
    return " ".join(_("%(queue)s: %(facts)s") % line for line in lines)


def _threat(queue: QueueNow) -> str:
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
        f"{wording.format_duration(start)}–{wording.format_duration(end)}"
        if start >= 60
        else _("up to %(duration)s") % {"duration": wording.format_duration(end)}
    )

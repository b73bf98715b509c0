"""The report of a trial: what was compared, the table, and the clear differences in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from routing.models import Trial
from routing.simulation.policies.better import BETTER
from tickets import wording

GROUPS = ("voice", "chat", "mail", "")
MEASURES = {
    "voice": ("in_time", "left", "wait_mean", "wait_half", "wait_most"),
    "chat": ("in_time", "left", "wait_mean", "wait_half", "wait_most"),
    "mail": ("in_time", "open", "wait_mean", "wait_half", "wait_most"),
    "": ("continuity", "level_3", "kept", "jain", "gini", "utilisation"),
}
# Of how many requests a measure tells, where not of all that came; with fewer than enough nothing is clear.
BEHIND = {"continuity": "returning", "level_3": "skilled", "kept": "promises"}
ENOUGH = 30
# What a sentence names; the rest stands in the table.
TOLD = (
    "voice.in_time", "voice.left", "voice.wait_mean", "chat.in_time", "chat.left", "chat.wait_mean",
    "mail.in_time", "mail.open", "mail.wait_mean", "continuity", "level_3", "kept", "jain", "utilisation",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A mean with its interval, and how it differs from things as they are, in words."""

    value: str = ""
    half: str = ""
    difference: str = ""
    verdict: str = ""
    tone: str = ""


@dataclass
class Group:
    """The rows of one channel, or of people: each a measure's name and its cells by variant."""

    name: str
    rows: list[tuple[str, list[tuple[str, Cell]]]] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """The result of one variant, compared with the present rules."""

    label: str
    better: list[str]
    worse: list[str]
    other: list[str]
    same: list[str]


def label_variants(trial: Trial) -> list[str]:
    """Return what each variant of a trial is called, the first being things as they are."""
    return [label_variant(variant, trial) for variant in trial.question["variants"]]


def label_variant(variant: Mapping[str, Any], trial: Trial) -> str:
    """Return a variant's name in the active language."""
    if variant["kind"] == "baseline":
        return label_baselines()[variant["name"]]
    if variant["kind"] == "slot":
        return _slot(variant, ZoneInfo(trial.question["zone"]))
    if variant["kind"] == "people":
        return _people(variant)
    return {
        "as_is": _("Current setup"),
        "version": _("Rules, version %(version)s"),
        "numbers": _("Rules with other values"),
        "without": _("Without %(name)s"),
    }[variant["kind"]] % variant


def label_baselines() -> dict[str, str]:
    """Return the names of the routing methods for comparison, with their labels."""
    return {
        "round robin": _("Round robin"),
        "least loaded": _("Least loaded"),
        "longest idle": _("Longest idle"),
        "priority": _("Channel priority: calls, chats, mail"),
        "known agent": _("Last agent, for 15 s"),
        "spare capacity": _("Skills-based, then least loaded"),
        "best skill": _("Best skilled first"),
    }


def build_table(trial: Trial, columns: Sequence[str]) -> list[Group]:
    """Return the rows of a finished trial, by channel and then people; `columns` name its variants."""
    numbers = trial.result["table"]
    names = {"voice": _("Calls"), "chat": _("Chats"), "mail": _("Mail and forms"), "": _("People")}
    groups = []
    for group in GROUPS:
        rows_of_group = Group(_counted(names[group], numbers[0].get(f"{group}.n")))
        for measure in MEASURES[group]:
            name = f"{group}.{measure}" if group else measure
            if any(name in variant for variant in numbers):
                cells = [
                    (label, _cell(name, variant_numbers))
                    for label, variant_numbers in zip(columns, numbers, strict=True)
                ]
                rows_of_group.rows.append((_row_label(measure, group), cells))
        if rows_of_group.rows:
            groups.append(rows_of_group)
    return groups


def compare_variants(trial: Trial) -> list[Verdict]:
    """Return for each variant what is clearly better, worse or only other, and what cannot be told apart."""
    numbers = trial.result["table"]
    verdicts = []
    for name, variant in zip(label_variants(trial)[1:], numbers[1:], strict=True):
        sides: dict[str, list[str]] = {"better": [], "worse": [], "other": [], "same": []}
        for measure in TOLD:
            if measure in variant and measure in numbers[0] and "difference" in variant[measure]:
                side = _side(measure, variant)
                sides[side].append(_phrase(measure, numbers[0], variant, is_clear=side != "same"))
        verdicts.append(Verdict(name, **sides))
    return verdicts


def _slot(variant: Mapping[str, Any], zone: ZoneInfo) -> str:
    begin, end = (datetime.fromisoformat(variant[name]).astimezone(zone) for name in ("begin", "end"))
    words = {
        "day": wording.format_date(begin, pgettext("weekday and short day", "D j M")),
        "begin": wording.format_time(begin),
        "end": wording.format_time(end),
    }
    return _("Slot filled: %(day)s, %(begin)s–%(end)s") % words


def _people(variant: Mapping[str, Any]) -> str:
    hours = {
        name: wording.format_time(datetime.strptime(variant[name], "%H:%M"))  # noqa: DTZ007
        for name in ("from", "until")
    }
    count = abs(variant["more"])
    if variant["more"] > 0:
        text = ngettext(
            "%(n)s person more, %(from)s–%(until)s", "%(n)s people more, %(from)s–%(until)s", count
        )
    else:
        text = ngettext(
            "%(n)s person fewer, %(from)s–%(until)s", "%(n)s people fewer, %(from)s–%(until)s", count
        )
    return text % (hours | {"n": count})


def _row_label(measure: str, group: str) -> str:
    return {
        "in_time": _("begun within the target") if group == "mail" else _("answered within the target"),
        "left": _("gave up"),
        "open": _("still waiting at the end"),
        "wait_mean": _("average wait"),
        "wait_half": _("median wait"),
        "wait_most": _("90th percentile of wait"),
        "continuity": _("returning customers who got their agent"),
        "level_3": _("answered by somebody who does it well (level 3)"),
        "kept": _("promises kept"),
        "jain": _("evenness of work (Jain, 1 is even)"),
        "gini": _("unevenness of work (Gini, 0 is even)"),
        "utilisation": _("share of time with customers"),
    }[measure]


def _told_name(name: str) -> str:
    """Return a measure as a sentence names it."""
    return {
        "voice.in_time": _("calls answered within the target"),
        "voice.left": _("callers who gave up"),
        "voice.wait_mean": _("average wait of calls"),
        "chat.in_time": _("chats answered within the target"),
        "chat.left": _("people who left a chat"),
        "chat.wait_mean": _("average wait of chats"),
        "mail.in_time": _("mails begun within the target"),
        "mail.open": _("mails still waiting at the end"),
        "mail.wait_mean": _("average wait of mails"),
        "continuity": _("returning customers who got their agent"),
        "level_3": _("answers by somebody of level 3"),
        "kept": _("promises kept"),
        "jain": _("evenness of work"),
        "utilisation": _("share of time with customers"),
    }[name]


def _cell(name: str, variant: Mapping[str, Any]) -> Cell:
    number = variant.get(name)
    if number is None:
        return Cell("–")
    half = f"± {_shown(name, number['half'])}" if number["half"] is not None else ""
    if "difference" not in number:
        return Cell(_shown(name, number["mean"]), half)
    side = _side(name, variant)
    verdict = {"better": _("better"), "worse": _("worse"), "other": _("different"), "same": ""}[side]
    tone = {"better": "ok", "worse": "bad"}.get(side, "")
    return Cell(_shown(name, number["mean"]), half, _difference(name, number["difference"]), verdict, tone)


def _side(name: str, variant: Mapping[str, Any]) -> str:
    """Say whether a difference is clear, and good: "better", "worse", "other"; "same" if it is not clear.

    Clear is what has enough requests behind it, can be seen, and whose interval leaves nought out.
    """
    mean, half = (variant[name]["difference"][part] for part in ("mean", "half"))
    channel, _dot, measure = name.rpartition(".")
    behind = variant.get(f"{channel}.n" if channel else BEHIND.get(measure, "contacts"), {"mean": 0})
    if half is None or abs(mean) <= half or behind["mean"] < ENOUGH:
        return "same"
    better = BETTER[measure]
    if _shown(name, abs(mean)) == _shown(name, 0.0):
        return "same"
    if not better:
        return "other"
    return "better" if mean * better > 0 else "worse"


def _phrase(name: str, base: Mapping[str, Any], variant: Mapping[str, Any], *, is_clear: bool) -> str:
    if not is_clear:
        return _told_name(name)
    words = {"now": _shown(name, variant[name]["mean"]), "before": _shown(name, base[name]["mean"])}
    return _("%(what)s (%(now)s instead of %(before)s)") % (words | {"what": _told_name(name)})


def _difference(name: str, difference: Mapping[str, float | None]) -> str:
    mean, half = difference["mean"] or 0.0, difference["half"]
    nought = _shown(name, 0.0, is_difference=True)
    if half is not None and {_shown(name, abs(x), is_difference=True) for x in (mean, half)} == {nought}:
        return _("the same")
    sign = "+" if mean > 0 else "−" if mean < 0 else ""
    text = sign + _shown(name, abs(mean), is_difference=True)
    return f"{text} ± {_shown(name, half, is_difference=True)}" if half is not None else text


def _shown(name: str, value: float, *, is_difference: bool = False) -> str:
    """Return a value as its measure is read: a wait, an index, or a share of 100."""
    measure = name.rpartition(".")[2]
    if measure.startswith("wait_"):
        return wording.format_length(value)
    if measure in ("jain", "gini"):
        return wording.format_decimal(value, 3)
    return wording.format_decimal(100 * value, 1) if is_difference else wording.format_percent(value, 1)


def _counted(name: str, count: Mapping[str, float] | None) -> str:
    return f"{name} ({wording.format_count(round(count['mean']))})" if count else name

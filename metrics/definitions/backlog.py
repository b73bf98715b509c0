"""Backlog and its age."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext_lazy

from metrics.asking.durations import MEDIAN, NINETY, Spell, quantiles
from metrics.asking.figure import Amount, Figure, Part, Role
from metrics.asking.metric import Group, Metric
from metrics.asking.question import Question
from metrics.facts.open_time import plain_seconds
from metrics.models import FactWaitSegment

DAYS = (1, 3, 7, 30)


class Backlog(Metric):
    """Tickets that are not solved at one instant, by whom they wait on, with the age of each since the
    customer's first message.

    The instant is now, or the end of the period when that has passed; any instant can be asked for, because
    it is computed from the waits themselves and not from snapshots. A ticket counts in the queue it was in
    at that instant. The ages run around the clock.

    Left out: spam, and duplicates merged into another ticket.
    """  # noqa: D205

    slug = "backlog"
    label = _("Backlog")
    unit = _("tickets")
    counted = npgettext_lazy("counted", "%(shown)s ticket", "%(shown)s tickets", "n")
    better = "lower"
    source = _("own definition; stock = stock before + arrivals + reopenings - resolutions, at any instant")
    moment = "began_at"
    grouped_by = ("age",)
    parts = (
        Part("us", _("waits on us"), Role.GOOD),
        Part("third_party", _("waits on a third party"), Role.GOOD),
        Part("customer", _("waits on the customer"), Role.GOOD),
        Part("merged", _("merged into another ticket"), Role.EXCLUDED),
        Part("spam", _("spam"), Role.EXCLUDED),
    )

    def rows(self, question: Question) -> QuerySet[FactWaitSegment]:
        at = self.instant(question)
        present = Q(ended_at=None) | Q(ended_at__gt=at)
        return (
            self._waits(question)
            .filter(present, started_at__lte=at)
            .annotate(age=plain_seconds("began_at", at))
        )

    def levels(self, question: Question, steps: Sequence[Question]) -> list[Figure]:
        """Return the stock at the end of each step: what was there at the first, and what changed since."""
        if not steps:
            return []
        ends = [self.instant(step) for step in steps]
        level = self.count_parts(group for _key, group in self.groups(steps[0]))
        changes = self._changes(question, ends)
        figures = []
        for end in ends:
            level.update(changes.get(end, {}))
            kept = {part.slug: level[part.slug] for part in self.parts if part.role is Role.GOOD}
            figures.append(Figure(parts=dict(level), amount=Amount(sum(kept.values()), kept)))
        return figures

    def _changes(self, question: Question, ends: Sequence[datetime]) -> dict[datetime, Counter[str]]:
        """Return, for each end but the first, what began minus what ended since the end before."""
        waits = self.cut(self._waits(question), question)
        changes: dict[datetime, Counter[str]] = {end: Counter() for end in ends}
        for moment, sign in (("started_at", 1), ("ended_at", -1)):
            inside = waits.filter(**{f"{moment}__gt": ends[0], f"{moment}__lte": ends[-1]})
            for at, part in inside.values_list(moment, "part"):
                changes[ends[bisect_left(ends, at)]][part] += sign
        return changes

    def instant(self, question: Question) -> datetime:
        """Return the moment a question about the stock is about."""
        return min(question.now, question.period.end)

    def compute(self, groups: Iterable[Group], question: Question) -> Figure:
        groups = list(groups)
        parts = self.count_parts(groups)
        counted = [g for g in groups if self.part(g.part).role is Role.GOOD]
        ages = [Spell(max(0, g.values["age"]), count=g.count) for g in counted]
        amount = Amount(
            count=sum(g.count for g in counted),
            by_kind={p.slug: parts[p.slug] for p in self.parts if p.role is Role.GOOD},
            ages=quantiles(ages, (MEDIAN, NINETY)),
            oldest=max((a.seconds for a in ages), default=None),
            older_than={d: sum(a.count for a in ages if a.seconds > d * 86_400) for d in DAYS},
        )
        return Figure(parts=parts, amount=amount)

    def _waits(self, question: Question) -> QuerySet[FactWaitSegment]:
        return (
            FactWaitSegment.objects.filter(queue_id__in=question.queues)
            .exclude(waits_on="nobody")
            .annotate(
                part=Case(
                    When(is_spam=True, then=Value("spam")),
                    When(is_merged=True, then=Value("merged")),
                    default=F("waits_on"),
                )
            )
        )

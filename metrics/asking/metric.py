"""What a metric is: rows that are asked for once, and a pure function that makes a figure of them.

The population is one query set in which every row carries its `part`. The number, its course, its split by
queue and the list of its tickets all come from that one query set, so they cannot disagree.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db import models
from django.db.models import Count, F
from django.db.models.functions import ExtractHour, ExtractWeekDay
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from metrics.asking.figure import ENOUGH_FOR_A_PERSON, Figure, Part, Role, Share
from metrics.asking.question import Question
from tickets.errors import Invalid


@dataclass(frozen=True)
class Group:
    """`count` rows of a population that are alike: their part, and the values the metric groups by."""

    part: str
    count: int
    values: Mapping[str, Any] = field(default_factory=dict)


class Metric(ABC):
    """One metric. The docstring's first sentence is its formula; screen, API and docs read it from there.

    `moment` names the field that puts a row into a period; `person` the one that says whose it is, where
    that may be asked; `grouped_by` the further values that `compute` needs; `unit` what one row is.
    """

    slug: ClassVar[str]
    label: ClassVar[str | Promise]
    unit: ClassVar[str | Promise]
    counted: ClassVar[str | Promise]  # rows with their number: `shown` is the text, `n` decides the plural
    better: ClassVar[str]  # "higher" or "lower"
    version: ClassVar[int] = 1
    source: ClassVar[str | Promise]
    parts: ClassVar[tuple[Part, ...]]
    moment: ClassVar[str]
    person: ClassVar[str] = ""
    ticket: ClassVar[str] = "ticket_id"
    grouped_by: ClassVar[tuple[str, ...]] = ()
    uses_window: ClassVar[bool] = False
    is_when_they_come: ClassVar[bool] = False  # `moment` is when customers reached out

    @abstractmethod
    def rows(self, question: Question) -> models.QuerySet[Any]:
        """Return the population of a question, each row annotated with its `part`."""

    @abstractmethod
    def compute(self, groups: Iterable[Group], question: Question) -> Figure:
        """Compute the figure from a population's groups, without database or clock."""

    @property
    def formula(self) -> str:
        """The formula in words: the docstring's first paragraph, in the reader's language."""
        return _(self.paragraphs()[0])

    @property
    def remarks(self) -> list[str]:
        """What is left out and what to beware of: the docstring's other paragraphs."""
        return [_(paragraph) for paragraph in self.paragraphs()[1:]]

    def describe_rows(self, n: int, shown: str = "") -> str:
        """Return "3 of 5 issues": the text `shown`, then what one row is, in the plural that `n` asks for."""
        return str(self.counted % {"n": n, "shown": shown}).strip()

    def part(self, slug: str) -> Part:
        """Return one part. Raises Invalid for a name this metric has not."""
        for part in self.parts:
            if part.slug == slug:
                return part
        known = ", ".join(part.slug for part in self.parts)
        raise Invalid(_("This metric has these parts: %(known)s.") % {"known": known}, code="part")

    def population(self, question: Question) -> models.QuerySet[Any]:
        """Return `rows` cut to the question's channel, person and hour of the week."""
        return self.cut(self.rows(question), question)

    def cut(self, rows: models.QuerySet[Any], question: Question) -> models.QuerySet[Any]:
        """Return rows of the question's channel, person and hour of the week only."""
        if question.channel:
            rows = rows.filter(channel=question.channel)
        if question.person is not None:
            rows = rows.filter(**{self._person_field(): question.person})
        zone = question.period.zone_info
        if question.weekday is not None:
            rows = rows.alias(weekday=ExtractWeekDay(self.moment, tzinfo=zone)).filter(
                weekday=question.weekday
            )
        if question.hour is not None:
            rows = rows.alias(hour=ExtractHour(self.moment, tzinfo=zone)).filter(hour=question.hour)
        return rows

    def groups(
        self, question: Question, *by: str, **annotations: Any
    ) -> list[tuple[tuple[Any, ...], Group]]:  # fmt: skip
        """Return the population's groups, each with the values of `by` (fields or `annotations`)."""
        rows = self.population(question).annotate(**annotations)
        names = (*by, "part", *self.grouped_by)
        counted = rows.order_by().values_list(*names).annotate(k=Count("pk"))
        groups = []
        for *values, count in counted:
            part, rest = values[len(by)], values[len(by) + 1 :]
            named = dict(zip(self.grouped_by, rest, strict=True))
            groups.append((tuple(values[: len(by)]), Group(part, count, named)))
        return groups

    def tickets(self, question: Question, part: str = "") -> models.QuerySet[Any]:
        """Return the rows behind the number, or those of one part, newest first, each with its ticket."""
        rows = self.population(question).annotate(row_ticket=F(self.ticket), row_at=F(self.moment))
        if part:
            rows = rows.filter(part=self.part(part).slug)
        newest: models.QuerySet[Any] = rows.order_by(F(self.moment).desc(nulls_last=True), "-pk")
        return newest

    def count_parts(self, groups: Iterable[Group]) -> Counter[str]:
        """Return how many rows each part has."""
        counted: Counter[str] = Counter()
        for group in groups:
            counted[group.part] += group.count
        return counted

    def share_of(self, parts: Mapping[str, int], question: Question) -> Share:
        """Return the share that the parts' roles make: good of good and bad."""
        by_role: Counter[Role] = Counter()
        for part in self.parts:
            by_role[part.role] += parts.get(part.slug, 0)
        return Share(
            by_role[Role.GOOD],
            by_role[Role.GOOD] + by_role[Role.BAD],
            by_role[Role.PROVISIONAL],
            needs=ENOUGH_FOR_A_PERSON if question.person is not None else 10,
        )

    def _person_field(self) -> str:
        if not self.person:
            raise Invalid(code="person")
        return self.person

    def paragraphs(self) -> list[str]:
        """Return the docstring's paragraphs, each on one line, in English."""
        return [" ".join(text.split()) for text in inspect.cleandoc(self.__doc__ or "").split("\n\n")]


class ShareMetric(Metric):
    """A metric that is a share of its parts and nothing more."""

    def compute(self, groups: Iterable[Group], question: Question) -> Figure:
        parts = self.count_parts(groups)
        return Figure(parts=parts, share=self.share_of(parts, question))

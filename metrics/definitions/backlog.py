"""Backlog and its age."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from metrics.durations import MEDIAN, NINETY, Spell, quantiles
from metrics.figure import Amount, Figure, Part, Role
from metrics.metric import Group, Metric
from metrics.models import FactWaitSegment
from metrics.open_time import plain_seconds
from metrics.question import Question

DAYS = (1, 3, 7, 30)


class Backlog(Metric):
    """Tickets that are not solved at one instant, by whom they wait on, with the age of each since the
    customer's first message.

    The instant is now, or the end of the period when that has passed; any instant can be asked for, because
    it is computed from the waits themselves and not from snapshots. A ticket counts in the queue it was in
    at that instant. The ages are in the customer's clock.

    Left out: spam, and duplicates merged into another ticket.
    """  # noqa: D205

    slug = "backlog"
    label = _("Not solved yet")
    unit = _("tickets")
    better = "lower"
    source = "own definition; stock = stock before + arrivals + reopenings - resolutions, at any instant"
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
        present = FactWaitSegment.objects.filter(
            Q(ended_at=None) | Q(ended_at__gt=at), queue_id__in=question.queues, started_at__lte=at
        )
        return present.exclude(waits_on="nobody").annotate(
            part=Case(
                When(is_spam=True, then=Value("spam")),
                When(is_merged=True, then=Value("merged")),
                default=F("waits_on"),
            ),
            age=plain_seconds("began_at", at),
        )

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

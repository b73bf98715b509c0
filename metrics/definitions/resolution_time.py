"""Resolution time."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext_lazy

from metrics.asking.durations import MEDIAN, NINETY, NINETY_FIVE, Spell, quantiles
from metrics.asking.figure import Figure, Part, Role, Times
from metrics.asking.metric import Group, Metric
from metrics.asking.question import Question
from metrics.models import FactTicket


class ResolutionTime(Metric):
    """The time from a customer's first message to the resolution that lasted, of all tickets resolved in
    the period, at the 50th, 90th and 95th percentile.

    Twice: around the clock and in business hours. After a reopening the later resolution counts, with
    all the time since the first message.

    Left out: spam, duplicates merged into another ticket, tickets we opened, and tickets that closed by
    themselves, which nobody confirmed as resolved.
    """  # noqa: D205

    slug = "resolution_time"
    label = _("Time to resolution")
    unit = _("tickets")
    counted = npgettext_lazy("counted", "%(shown)s ticket", "%(shown)s tickets", "n")
    better = "lower"
    source = "Zendesk, full resolution time"
    moment = "ended_at"
    person = "resolver_id"
    grouped_by = ("wall", "open")
    parts = (
        Part("resolved", _("resolved"), Role.GOOD),
        Part("unconfirmed", _("closed without confirmation"), Role.EXCLUDED),
        Part("ours", _("opened by us"), Role.EXCLUDED),
        Part("merged", _("merged into another ticket"), Role.EXCLUDED),
        Part("spam", _("spam"), Role.EXCLUDED),
    )

    def rows(self, question: Question) -> QuerySet[FactTicket]:
        start, end = question.period.start, question.period.end
        resolved = Q(resolved_at__gte=start, resolved_at__lt=end)
        closed = Q(resolved_at=None, closed_at__gte=start, closed_at__lt=end)
        return FactTicket.objects.filter(resolved | closed, queue_id__in=question.queues).annotate(
            part=Case(
                When(is_spam=True, then=Value("spam")),
                When(merged_into_id__isnull=False, then=Value("merged")),
                When(first_customer_at=None, then=Value("ours")),
                When(resolved_at=None, then=Value("unconfirmed")),
                default=Value("resolved"),
            ),
            ended_at=Coalesce("resolved_at", "closed_at"),
            wall=F("resolution_seconds"),
            open=F("resolution_open_seconds"),
        )

    def compute(self, groups: Iterable[Group], question: Question) -> Figure:
        groups = list(groups)
        parts = self.count_parts(groups)
        counted = [group for group in groups if group.part == "resolved"]
        ps = (MEDIAN, NINETY, NINETY_FIVE)
        wall, open_ = (
            quantiles((Spell(max(0, g.values[clock]), count=g.count) for g in counted), ps)
            for clock in ("wall", "open")
        )
        return Figure(parts=parts, times=Times(parts["resolved"], 0, wall, open_))

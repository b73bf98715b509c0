"""First human response."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext_lazy

from metrics.asking.durations import MEDIAN, NINETY, NINETY_FIVE, Spell, quantiles
from metrics.asking.figure import Figure, Part, Role, Times
from metrics.asking.metric import Group, Metric
from metrics.asking.question import Question
from metrics.facts.open_time import open_seconds, plain_seconds
from metrics.models import FactTicket


class FirstHumanResponse(Metric):
    """The time from a customer's first message to the first public answer of a person (in writing, or by
    speaking on the phone), of all tickets whose first message lies in the period, at the 50th, 90th and
    95th percentile.

    Twice: around the clock, and in the business hours that were in force at each
    instant. The person who wrote the answer has given it, whoever has the ticket today. Automatic replies
    and notes are no answers. Customers who still wait are not dropped: their time so far counts as a
    duration that has not ended.

    Left out: spam, duplicates merged into another ticket, tickets we opened, tickets resolved or closed
    without a written answer, and live contacts abandoned before anybody answered.
    """  # noqa: D205

    slug = "first_human_response"
    label = _("First response time")
    unit = _("tickets")
    counted = npgettext_lazy("counted", "%(shown)s ticket", "%(shown)s tickets", "n")
    better = "lower"
    source = _("Zendesk, first reply time; Kaplan and Meier (1958) for those who still wait")
    moment = "began_at"
    person = "first_responder_id"
    grouped_by = ("wall", "open")
    is_when_they_come = True
    parts = (
        Part("answered", _("answered"), Role.GOOD),
        Part("waiting", _("still waiting"), Role.PROVISIONAL),
        Part("unwritten", _("resolved or closed without a written answer"), Role.EXCLUDED),
        Part("abandoned", _("abandoned before an answer"), Role.EXCLUDED),
        Part("ours", _("opened by us"), Role.EXCLUDED),
        Part("merged", _("merged into another ticket"), Role.EXCLUDED),
        Part("spam", _("spam"), Role.EXCLUDED),
    )

    def rows(self, question: Question) -> QuerySet[FactTicket]:
        period = question.period
        over = Q(first_resolved_at__isnull=False) | Q(closed_at__isnull=False)
        return FactTicket.objects.filter(
            queue_id__in=question.queues, began_at__gte=period.start, began_at__lt=period.end
        ).annotate(
            part=Case(
                When(is_spam=True, then=Value("spam")),
                When(merged_into_id__isnull=False, then=Value("merged")),
                When(first_customer_at=None, then=Value("ours")),
                When(first_reply_at__isnull=False, then=Value("answered")),
                When(is_abandoned=True, then=Value("abandoned")),
                When(over, then=Value("unwritten")),
                default=Value("waiting"),
            ),
            wall=Case(
                When(part="answered", then=F("first_reply_seconds")),
                When(part="waiting", then=plain_seconds("began_at", question.now)),
            ),
            open=Case(
                When(part="answered", then=F("first_reply_open_seconds")),
                When(part="waiting", then=open_seconds("began_at", question.now)),
            ),
        )

    def compute(self, groups: Iterable[Group], question: Question) -> Figure:
        groups = list(groups)
        parts = self.count_parts(groups)
        counted = [group for group in groups if group.part in ("answered", "waiting")]
        ps = (MEDIAN, NINETY, NINETY_FIVE)
        wall, open_ = (
            quantiles((Spell(max(0, g.values[clock]), g.part == "answered", g.count) for g in counted), ps)
            for clock in ("wall", "open")
        )
        times = Times(parts["answered"], parts["waiting"], wall, open_)
        return Figure(parts=parts, times=times)

"""Reopen rate."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext_lazy

from metrics.asking.figure import Part, Role
from metrics.asking.metric import ShareMetric
from metrics.asking.question import Question
from metrics.models import FactIssue

WITHIN = timedelta(days=30)


class ReopenRate(ShareMetric):
    """Issues that were reopened within 30 days of their first resolution, divided by all issues first
    resolved in the period.

    Whoever reopened them: the customer, one of us, or a reply that could not be delivered. A message that
    needed no action ("thank you") reopens nothing. Provisional until the 30 days have passed.

    Left out: spam. Issues that closed by themselves were never resolved and do not appear.
    """  # noqa: D205

    slug = "reopen_rate"
    label = _("Reopen rate")
    unit = _("issues")
    counted = npgettext_lazy("counted", "%(shown)s issue", "%(shown)s issues", "n")
    better = "lower"
    source = _("metric glossaries of Zendesk and Zammad, with a window of 30 days and causes kept")
    moment = "first_resolved_at"
    person = "first_resolver_id"
    parts = (
        Part("reopened", _("reopened"), Role.GOOD),
        Part("stayed", _("stayed resolved"), Role.BAD),
        Part("provisional", _("30 days not over yet"), Role.PROVISIONAL),
        Part("spam", _("spam"), Role.EXCLUDED),
    )

    def rows(self, question: Question) -> QuerySet[FactIssue]:
        period = question.period
        reopened = Q(first_reopened_at__lte=F("first_resolved_at") + WITHIN)
        return FactIssue.objects.filter(
            queue_id__in=question.queues,
            first_resolved_at__gte=period.start,
            first_resolved_at__lt=period.end,
        ).annotate(
            part=Case(
                When(is_spam=True, then=Value("spam")),
                When(reopened, then=Value("reopened")),
                When(first_resolved_at__lte=question.now - WITHIN, then=Value("stayed")),
                default=Value("provisional"),
            )
        )

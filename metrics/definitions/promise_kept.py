"""Promises kept."""

from __future__ import annotations

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext_lazy

from metrics.asking.figure import Part, Role
from metrics.asking.metric import ShareMetric
from metrics.asking.question import Question
from metrics.models import FactPromise


class PromiseKept(ShareMetric):
    """Promises of an answer, a call back or a person's word that were fulfilled in time, divided by all
    promises that fell due in the period.

    The first thing that happened to a promise counts: one that broke and was answered later stays broken.
    A promise we replaced by a later one is broken, and the new one counts for itself.

    Left out: spam, and promises changed at the customer's own wish. Not due yet is provisional.
    """  # noqa: D205

    slug = "promise_kept"
    label = _("Promises kept")
    unit = _("promises")
    counted = npgettext_lazy("counted", "%(shown)s promise", "%(shown)s promises", "n")
    better = "higher"
    source = _("own definition; the traps are those of SLA reports that count met and breached twice")
    moment = "due_at"
    parts = (
        Part("kept", _("kept"), Role.GOOD),
        Part("broken", _("broken"), Role.BAD),
        Part("changed", _("replaced by us"), Role.BAD),
        Part("provisional", _("not due yet"), Role.PROVISIONAL),
        Part("withdrawn", _("changed at the customer's wish"), Role.EXCLUDED),
        Part("spam", _("spam"), Role.EXCLUDED),
    )

    def rows(self, question: Question) -> QuerySet[FactPromise]:
        return FactPromise.objects.filter(
            queue_id__in=question.queues,
            due_at__gte=question.period.start,
            due_at__lt=question.period.end,
        ).annotate(
            part=Case(
                When(is_spam=True, then=Value("spam")),
                When(outcome="kept", then=Value("kept")),
                When(outcome="changed", then=Value("changed")),
                When(outcome="withdrawn", then=Value("withdrawn")),
                When(Q(outcome="broken") | Q(due_at__lte=question.now), then=Value("broken")),
                default=Value("provisional"),
            )
        )

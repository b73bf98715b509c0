"""Customer effort score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext_lazy

from metrics.asking.figure import Figure, Part, Role, Scores
from metrics.asking.intervals import mean_of_scores
from metrics.asking.metric import Group, Metric
from metrics.asking.question import Question
from metrics.models import Survey

EASY = 5
NOT_DELIVERED = Q(outbound__state__in=("failed", "bounced", "cancelled"))


class CustomerEffort(Metric):
    """Answers of 5, 6 or 7 to "[Company] made it easy for me to handle my request", from 1 (strongly
    disagree) to 7 (strongly agree), divided by all answers to invitations of the period.

    How often each answer was given is shown beside it; the mean is a second view only. A customer is asked
    once in a while, after a resolution, never at an agent's choice. Of one invitation the latest answer
    counts. The neutral 4 is not "easy".

    Left out: invitations not answered (yet), and mails that did not arrive. Who answers may differ from who
    does not: read it with survey health.
    """  # noqa: D205

    slug = "ces"
    label = _("Customer effort score (CES)")
    unit = _("answers")
    counted = npgettext_lazy("counted", "%(shown)s answer", "%(shown)s answers", "n")
    better = "higher"
    source = "CEB, The Effortless Experience; Gartner, Customer Effort Score 2.0"
    moment = "created_at"
    person = "resolver_id"
    grouped_by = ("score",)
    parts = (
        Part("easy", _("easy (5 to 7)"), Role.GOOD),
        Part("hard", _("not easy (1 to 4)"), Role.BAD),
        Part("open", _("not answered yet"), Role.EXCLUDED),
        Part("unanswered", _("not answered in time"), Role.EXCLUDED),
        Part("failed", _("mail did not arrive"), Role.EXCLUDED),
    )

    def rows(self, question: Question) -> QuerySet[Survey]:
        period = question.period
        surveys = Survey.objects.filter(
            kind=Survey.Kind.CES,
            queue_id__in=question.queues,
            created_at__gte=period.start,
            created_at__lt=period.end,
        )
        return surveys.exclude(state=Survey.State.SUPPRESSED).annotate(
            part=Case(
                When(score__gte=EASY, then=Value("easy")),
                When(score__lt=EASY, then=Value("hard")),
                When(NOT_DELIVERED, then=Value("failed")),
                When(Q(state=Survey.State.INVITED, expires_at__gt=question.now), then=Value("open")),
                default=Value("unanswered"),
            )
        )

    def compute(self, groups: Iterable[Group], question: Question) -> Figure:
        groups = list(groups)
        scores: Counter[int] = Counter()
        for group in groups:
            if group.values["score"] is not None:
                scores[group.values["score"]] += group.count
        mean = mean_of_scores(scores)
        parts = self.count_parts(groups)
        return Figure(
            parts=parts,
            share=self.share_of(parts, question),
            scores=Scores(scores, mean[0] if mean else None, mean[1] if mean else None),
        )

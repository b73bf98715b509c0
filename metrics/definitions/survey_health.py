"""Survey health."""

from __future__ import annotations

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext_lazy

from metrics.asking.figure import Part, Role
from metrics.asking.metric import ShareMetric
from metrics.asking.question import Question
from metrics.definitions.ces import NOT_DELIVERED
from metrics.models import Survey


class SurveyHealth(ShareMetric):
    """Invitations answered, divided by all invitations of the period that arrived and whose time is over or
    that were answered.

    Without it no survey can be read: a few answers of many asked say little about the rest. Opening a mail
    or a page is not recorded, because programs open them too.

    Left out, each with its reason: customers who were not asked, and mails that did not arrive. Invitations
    still open are provisional.
    """  # noqa: D205

    slug = "survey_health"
    label = _("Survey response rate")
    unit = _("invitations")
    counted = npgettext_lazy("counted", "%(shown)s invitation", "%(shown)s invitations", "n")
    better = "higher"
    source = "Great Brook Consulting, The hidden danger of survey bias"
    moment = "created_at"
    parts = (
        Part("answered", _("answered"), Role.GOOD),
        Part("unanswered", _("not answered in time"), Role.BAD),
        Part("open", _("not answered yet"), Role.PROVISIONAL),
        Part("failed", _("mail did not arrive"), Role.EXCLUDED),
        *(
            Part(reason.value, reason.label, Role.EXCLUDED)
            for reason in Survey.Reason
            if reason != Survey.Reason.NONE
        ),
    )

    def rows(self, question: Question) -> QuerySet[Survey]:
        period = question.period
        return Survey.objects.filter(
            queue_id__in=question.queues, created_at__gte=period.start, created_at__lt=period.end
        ).annotate(
            part=Case(
                When(state=Survey.State.SUPPRESSED, then=F("reason")),
                When(state=Survey.State.ANSWERED, then=Value("answered")),
                When(NOT_DELIVERED, then=Value("failed")),
                When(Q(state=Survey.State.INVITED, expires_at__gt=question.now), then=Value("open")),
                default=Value("unanswered"),
            )
        )

"""First-contact resolution, observed, gross."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext_lazy

from metrics.asking.figure import Part, Role
from metrics.asking.metric import ShareMetric
from metrics.asking.question import Question
from metrics.models import FactIssue

OLD = timedelta(days=30)


class FirstContactResolution(ShareMetric):
    """Issues resolved at their first contact, after which the customer did not come back about the same
    matter on any channel within the repeat window and nothing was reopened, divided by all mature issues
    whose first contact lies in the period.

    An issue is mature when its repeat window has passed since the resolution, or as soon as it has failed,
    or when it is 30 days old (unresolved by then, it has failed). Others are provisional. An answer to our
    question is a contact. What a customer writes while an earlier message still waits is the same contact.
    Messages that needed no action ("thank you") are no contacts.

    Left out: spam, issues we opened without a word of the customer, live contacts abandoned before anybody
    answered, and issues that repeat an earlier one within the window, which count there.

    Beware: without a reason on the tickets, coming back by a new ticket is not recognised.
    """  # noqa: D205

    slug = "fcr"
    label = _("First-contact resolution (FCR)")
    unit = _("issues")
    counted = npgettext_lazy("counted", "%(shown)s issue", "%(shown)s issues", "n")
    better = "higher"
    source = "SQM Group, FCR metric operating philosophy; Eurogroup Consulting, Taux de réitération (2025)"
    moment = "began_at"
    person = "first_resolver_id"
    uses_window = True
    is_when_they_come = True
    parts = (
        Part("resolved", _("resolved at first contact"), Role.GOOD),
        Part("failed", _("repeated, reopened, or took more than one contact"), Role.BAD),
        Part("provisional", _("repeat window not over yet"), Role.PROVISIONAL),
        Part("repeat", _("repeats an earlier issue"), Role.EXCLUDED),
        Part("ours", _("opened by us"), Role.EXCLUDED),
        Part("abandoned", _("abandoned before an answer"), Role.EXCLUDED),
        Part("spam", _("spam"), Role.EXCLUDED),
    )

    def rows(self, question: Question) -> QuerySet[FactIssue]:
        period, window, now = question.period, question.repeat_window, question.now
        came_back = Q(repeat_at__lte=F("first_resolved_at") + window)
        never_resolved = Q(first_resolved_at=None, first_contact_at__lte=now - OLD)
        return FactIssue.objects.filter(
            queue_id__in=question.queues, began_at__gte=period.start, began_at__lt=period.end
        ).annotate(
            part=Case(
                When(is_spam=True, then=Value("spam")),
                When(first_contact_at=None, then=Value("ours")),
                When(is_abandoned=True, then=Value("abandoned")),
                When(since_previous_seconds__lte=window.total_seconds(), then=Value("repeat")),
                When(Q(contacts_until_resolution__gt=1) | came_back | never_resolved, then=Value("failed")),
                When(first_resolved_at__lte=now - window, then=Value("resolved")),
                default=Value("provisional"),
            )
        )

"""Repeat contacts."""

from __future__ import annotations

from django.db.models import Case, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Value, When
from django.db.models.functions import Ceil, Extract
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext_lazy

from metrics.asking.figure import Part, Role, Share
from metrics.asking.metric import ShareMetric
from metrics.asking.question import Question
from metrics.models import FactContact

LONGEST = 30


class RepeatContacts(ShareMetric):
    """Contacts that follow an earlier contact about the same matter, on any channel, within the repeat
    window, divided by all contacts that began in the period.

    The same matter: the same ticket, tickets joined by merging or an explicit link, or another ticket of
    the customer with the same reason. A customer who came back five times weighs five times.

    Left out: spam, messages that needed no action, and what a customer added while an earlier message
    still waited for an answer, which belongs to that contact.
    """  # noqa: D205

    slug = "repeat_contacts"
    label = _("Repeat contact rate")
    unit = _("contacts")
    counted = npgettext_lazy("counted", "%(shown)s contact", "%(shown)s contacts", "n")
    better = "lower"
    source = _("Eurogroup Consulting, Taux de réitération (2025): windows of 7, 15 or 30 days, all channels")
    moment = "started_at"
    uses_window = True
    is_when_they_come = True
    parts = (
        Part("repeat", _("follow an earlier contact"), Role.GOOD),
        Part("first", _("first contacts about a matter, or outside the window"), Role.BAD),
        Part("continued", _("part of a contact still waiting"), Role.EXCLUDED),
        Part("no_action", _("needed no action"), Role.EXCLUDED),
        Part("spam", _("spam"), Role.EXCLUDED),
    )

    def rows(self, question: Question) -> QuerySet[FactContact]:
        gap = ExpressionWrapper(F("started_at") - F("previous_at"), output_field=DurationField())
        return (
            FactContact.objects.filter(
                queue_id__in=question.queues,
                started_at__gte=question.period.start,
                started_at__lt=question.period.end,
            )
            .alias(gap=gap)
            .annotate(
                part=Case(
                    When(~Q(why_not=""), then=F("why_not")),
                    When(gap__lte=question.repeat_window, then=Value("repeat")),
                    default=Value("first"),
                )
            )
        )

    def curve(self, question: Question) -> list[tuple[int, Share]]:
        """Return the share of repeat contacts for each window from 0 to 30 days, from one look."""
        day = ExpressionWrapper(F("started_at") - F("previous_at"), output_field=DurationField())
        rows = (
            self.population(question).filter(why_not="").annotate(day=Ceil(Extract(day, "epoch") / 86_400.0))
        )
        counted = dict(rows.order_by().values_list("day").annotate(k=Count("pk")))
        total, within = sum(counted.values()), 0
        curve = []
        for window in range(LONGEST + 1):
            within += counted.get(window, 0)
            curve.append((window, Share(within, total)))
        return curve

"""Surveys: one invitation for one resolution, sent or kept back for a reason, and its answer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from metrics.models.fact import Fact
from tickets.actor import Actor
from tickets.models import Queue
from tickets.models.fields import Language, public_id


class SurveyQuerySet(models.QuerySet["Survey"]):
    def visible_to(self, actor: Actor) -> SurveyQuerySet:
        """Surveys of the queues the actor works in."""
        return self.filter(queue_id__in=Queue.objects.visible_to(actor).values("pk"))


class Survey(Fact):
    """One question about one resolution of a ticket; the token itself is never stored, only its digest.

    An invitation that was not sent is a row too, with the reason: without these nobody can tell whom the
    answers stand for. `score` runs from 1 (strongly disagree) to 7 (strongly agree).
    """

    class Kind(models.TextChoices):
        CES = "ces", _("effort")

    class State(models.TextChoices):
        INVITED = "invited", _("invited")
        ANSWERED = "answered", _("answered")
        EXPIRED = "expired", _("not answered in time")
        SUPPRESSED = "suppressed", _("not asked")

    class Reason(models.TextChoices):
        NONE = "", "—"
        REST = "rest", _("asked not long ago")
        UNSUBSCRIBED = "unsubscribed", _("wants no surveys")
        NO_ADDRESS = "no_address", _("no mail address")
        UNDELIVERABLE = "undeliverable", _("earlier email bounced")
        COMPLAINED = "complained", _("marked our email as spam")
        SPAM = "spam", _("spam")
        OURS = "ours", _("no word of the customer")
        MERGED = "merged", _("merged into another ticket")

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind, default=Kind.CES)
    ticket = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, verbose_name=_("ticket"), related_name="surveys"
    )
    customer = models.ForeignKey(
        "tickets.Customer", models.CASCADE, verbose_name=_("customer"), related_name="surveys"
    )
    solved_at = models.DateTimeField(_("resolution"))
    resolver_id = models.BigIntegerField(_("who solved it"), null=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.ENGLISH)
    wording = models.PositiveSmallIntegerField(_("version of the wording"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=State)
    reason = models.CharField(_("why not asked"), max_length=13, choices=Reason, blank=True)
    digest = models.CharField(max_length=64, unique=True, null=True)
    outbound = models.ForeignKey(
        "tickets.Outbound", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("mail")
    )
    created_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("until"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    changed_at = models.DateTimeField(_("last change"), null=True)
    score = models.PositiveSmallIntegerField(_("answer, 1 to 7"), null=True)
    comment = models.TextField(_("in their words"), blank=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "solved_at", "kind"], name="one_survey_per_resolution"),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__range=(1, 7)), name="survey_score_on_its_scale"
            ),
            models.CheckConstraint(
                condition=Q(state="answered", score__isnull=False) | ~Q(state="answered") & Q(score=None),
                name="survey_answer_fits_state",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="survey_asked"),
            models.Index(fields=["customer", "-created_at"], name="survey_by_customer"),
            models.Index(fields=["expires_at"], condition=Q(state="invited"), name="survey_open"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.ticket_id}"


class SurveyOptOut(models.Model):
    """A customer who has opted out of surveys."""

    customer = models.OneToOneField(
        "tickets.Customer", models.CASCADE, verbose_name=_("customer"), related_name="survey_opt_out"
    )
    at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("customer who wants no surveys")
        verbose_name_plural = _("customers who want no surveys")

    def __str__(self) -> str:
        return str(self.customer)

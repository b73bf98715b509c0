"""Record a customer's answer, which they may change while the survey is open, and their opt-out."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from metrics.models import Survey, SurveyOptOut
from metrics.surveys.wording import SCALE
from tickets import events
from tickets.actor import Actor
from tickets.errors import DomainError, Invalid, NotFound
from tickets.platform import crypto

LONGEST = 1000


class Closed(DomainError):
    """The survey's time is over."""

    code = "survey_closed"
    status = 410
    sentence = _(
        "This survey is closed. If something is not solved, just reply to our mail: a person reads it."
    )


def load_survey(token: str) -> Survey:
    """Return the survey of a link's token. Raises NotFound for an invalid token."""
    surveys = Survey.objects.exclude(state=Survey.State.SUPPRESSED).select_related("ticket", "customer")
    survey = surveys.filter(digest=crypto.digest(token)).first()
    if survey is None:
        raise NotFound
    return survey


def is_open(survey: Survey, *, now: datetime) -> bool:
    """Tell whether an answer can still be given or changed."""
    return survey.expires_at is not None and now < survey.expires_at


def record_answer(survey: Survey, score: int | None, comment: str, *, now: datetime) -> bool:
    """Record an answer (1 to 7) and a sentence that may be empty; return whether anything changed.

    The latest answer counts; each one is kept in the log.

    Raises:
        Invalid: no score, or one beside the scale.
        Closed: the survey's time is over.
    """
    if score not in SCALE:
        raise Invalid(_("Please choose one of the seven answers."), code="score")
    if not is_open(survey, now=now):
        raise Closed
    words = comment.replace("\x00", "").strip()[:LONGEST]
    with transaction.atomic():
        changed = (
            Survey.objects.filter(pk=survey.pk, expires_at__gt=now)
            .exclude(state=Survey.State.ANSWERED, score=score, comment=words)
            .update(
                state=Survey.State.ANSWERED,
                score=score,
                comment=words,
                answered_at=Coalesce("answered_at", Value(now)),
                changed_at=now,
            )
        )
        if changed:
            data = {"survey": survey.pk, "kind": survey.kind, "score": score}
            by = Actor.for_customer(survey.customer)
            events.record("survey.answered", ticket=survey.ticket, by=by, at=now, data=data)
    survey.refresh_from_db()
    return bool(changed)


def unsubscribe(survey: Survey, *, now: datetime) -> bool:
    """Opt a customer out of surveys; return whether they were not already."""
    _row, made = SurveyOptOut.objects.get_or_create(customer=survey.customer, defaults={"at": now})
    return made

"""The survey's page. Opening it records nothing: mail programs and virus scanners open links too."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from metrics.models import Survey
from metrics.surveys import answering, links
from metrics.surveys.wording import SCALE, wording
from tickets.clock import database_now
from tickets.errors import DomainError, Invalid, NotFound, TooMany
from tickets.limits import rate_limits
from tickets.models import Company
from tickets.portal import kept, limits

TEN_MINUTES = timedelta(minutes=10)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show the one question, or record the answer."""
    now = database_now()
    try:
        survey = answering.load_survey(token)
    except NotFound:
        return _leads_nowhere(request, now=now)
    with translation.override(survey.language):
        if not answering.is_open(survey, now=now):
            context = {"survey": survey, "kept": kept.read_typed_form(request)}
            return render(request, "metrics/survey/closed.html", context, status=410)
        if request.method != "POST":
            return _show(request, survey, chosen=survey.score or _score(request.GET.get("score", "")))
        if not kept.is_sent(request):
            return _show(request, survey, chosen=_typed_score(request), comment=_typed_comment(request))
        return _record(request, survey, token, now=now)


@never_cache
@csrf_exempt  # a mail program's one-click request (RFC 8058) carries no cookie and no token of ours
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, public_id: str, mac: str) -> HttpResponse:
    """Show the page to opt out of surveys, or opt out (POST)."""
    now = database_now()
    survey = Survey.objects.filter(public_id=public_id).select_related("customer").first()
    if survey is None or not links.may_unsubscribe(public_id, mac):
        return _leads_nowhere(request, now=now)
    with translation.override(survey.language):
        if request.method != "POST":
            return render(request, "metrics/survey/unsubscribe.html")
        answering.unsubscribe(survey, now=now)
        return render(request, "metrics/survey/unsubscribed.html")


def _record(request: HttpRequest, survey: Survey, token: str, *, now: datetime) -> HttpResponse:
    score, comment = _typed_score(request), _typed_comment(request)
    try:
        rate_limits.enforce_limit(f"survey:{survey.pk}", limit=20, per=TEN_MINUTES, now=now)
        answering.record_answer(survey, score, comment, now=now)
    except (Invalid, TooMany) as error:
        return _show(request, survey, chosen=score, comment=comment, error=error)
    return redirect("survey:answer", token)


def _show(
    request: HttpRequest,
    survey: Survey,
    *,
    chosen: int | None,
    comment: str = "",
    error: DomainError | None = None,
) -> HttpResponse:
    words = wording(survey.wording, survey.language)
    context = {
        "survey": survey,
        "question": words.asked_by(Company.current().name),
        "choices": [(score, words.answer(score), score == chosen) for score in SCALE],
        "given": words.answer(survey.score) if survey.score else "",
        "comment": comment or survey.comment,
        "longest": answering.LONGEST,
        "error": str(error.sentence) if error else "",
    }
    return render(request, "metrics/survey/answer.html", context, status=error.status if error else 200)


def _leads_nowhere(request: HttpRequest, *, now: datetime) -> HttpResponse:
    limits.count_wrong_token(request, now=now)
    return render(request, "metrics/survey/nowhere.html", {"kept": kept.read_typed_form(request)}, status=404)


def _typed_score(request: HttpRequest) -> int | None:
    return _score(request.POST.get("score", ""))


def _typed_comment(request: HttpRequest) -> str:
    return request.POST.get("comment", "")


def _score(text: str) -> int | None:
    return int(text) if text in {str(score) for score in SCALE} else None

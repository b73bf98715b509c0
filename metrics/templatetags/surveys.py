"""What the survey mail shows: its links are made as it is written, so that no row holds them."""

from __future__ import annotations

from typing import Any

from django import template

from metrics.models import Survey
from metrics.surveys import links
from metrics.surveys.wording import SCALE, wording
from tickets.models import Company

register = template.Library()


@register.simple_tag
def survey_mail(pk: int) -> dict[str, Any]:
    """Return question, page, answers with their links, and the way to unsubscribe."""
    survey = Survey.objects.get(pk=pk)
    words, page = wording(survey.wording, survey.language), links.answer_url(survey)
    return {
        "question": words.asked_by(Company.current().name),
        "page": page,
        "first": words.answer(SCALE[0]),
        "last": words.answer(SCALE[-1]),
        "answers": [(score, f"{page}?score={score}", words.answer(score)) for score in SCALE],
        "off": links.unsubscribe_url(survey),
    }

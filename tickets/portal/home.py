"""The customers' start page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tickets.clock import database_now
from tickets.models import Article
from tickets.portal import ways
from tickets.promises import expectation

QUESTIONS = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the ways to contact us, when an answer can be expected, and the first questions of the FAQ."""
    now = database_now()
    offered = ways.to_a_person()
    context: dict[str, Any] = {
        "ways": offered,
        "articles": Article.objects.filter(is_public=True)[:QUESTIONS],
        "expectation": expectation.expect_for_queue(offered.queue, now=now) if offered.queue else None,
    }
    return render(request, "portal/home.html", context)

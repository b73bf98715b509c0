"""The start page and the FAQ for customers; each page links to the ways to contact a person."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from tickets.clock import database_now
from tickets.models import Article
from tickets.portal import ways
from tickets.promises import expectation
from tickets.search.articles import find_articles

FIRST_QUESTIONS = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the ways to contact us, when an answer can be expected, and the first questions of the FAQ."""
    now = database_now()
    offered = ways.load_contact_ways()
    context: dict[str, Any] = {
        "ways": offered,
        "articles": Article.objects.filter(is_public=True)[:FIRST_QUESTIONS],
        "expectation": expectation.expect_for_queue(offered.queue, now=now) if offered.queue else None,
    }
    return render(request, "portal/home.html", context)


@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """Show all questions, or those that hold the words that are looked for."""
    words = read_search_words(request)
    articles, are_near = _find(words, language=_language()) if words else (list(_public()), False)
    context = {"articles": articles, "are_near": are_near, "words": words, "ways": ways.load_contact_ways()}
    return render(request, "portal/help.html", context)


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one answer. Raises Http404 for one that is not public."""
    row = _public().filter(slug=slug).first()
    if row is None:
        raise Http404
    language = _language()
    has_own = row.text_fr if language == "fr" else row.text_en
    context = {
        "article": row,
        "text": row.text(language),
        "text_language": language if has_own else ("en" if language == "fr" else "fr"),
        "words": read_search_words(request),
        "ways": ways.load_contact_ways(),
    }
    return render(request, "portal/article.html", context)


def read_search_words(request: HttpRequest) -> str:
    """Return the words that are looked for, on one line."""
    return " ".join(request.GET.get("q", "").replace("\x00", "").split())[:200]


def _find(words: str, *, language: str) -> tuple[list[Article], bool]:
    """Return the articles for some words, best first; and whether they are only the nearest ones."""
    found = find_articles(words, language=language)
    rows = _public().in_bulk(found.ids)
    return [rows[pk] for pk in found.ids if pk in rows], found.are_near


def _public() -> QuerySet[Article]:
    return Article.objects.filter(is_public=True)


def _language() -> str:
    return "fr" if (get_language() or "").startswith("fr") else "en"

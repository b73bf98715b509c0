"""The FAQ for customers; each page links to the ways to contact a person."""

from __future__ import annotations

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from tickets.models import Article
from tickets.models.functions import SearchVector
from tickets.portal import ways

FOUND = 30


@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """Show all questions, or those that hold the words that are looked for."""
    words = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:200]
    language = _language()
    articles = find_articles(words, language=language) if words else list(_public())
    context = {"articles": articles, "words": words, "ways": ways.to_a_person()}
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
        "ways": ways.to_a_person(),
    }
    return render(request, "portal/article.html", context)


def find_articles(words: str, *, language: str) -> list[Article]:
    """Return the articles that hold the words in either language, those in the reader's own first."""
    own, other = (language, "en" if language == "fr" else "fr")
    articles: dict[int, Article] = {}
    for tongue in (own, other):
        for hit in _search(words, tongue)[:FOUND]:
            articles.setdefault(hit.pk, hit)
    return list(articles.values())[:FOUND]


def _search(words: str, language: str) -> QuerySet[Article]:
    query = SearchQuery(words, config=f"tandem_{language}", search_type="websearch")
    text = Concat(F(f"name_{language}"), Value(" "), F(f"text_{language}"), output_field=TextField())
    vector = SearchVector(Value(language), text)
    return (
        _public()
        .annotate(vector=vector, rank=SearchRank(vector, query))
        .filter(vector=query)
        .order_by("-rank", "position", "id")
    )


def _public() -> QuerySet[Article]:
    return Article.objects.filter(is_public=True)


def _language() -> str:
    return "fr" if (get_language() or "").startswith("fr") else "en"

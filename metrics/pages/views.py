"""The reports' pages: an overview, one metric with everything behind it, and the tickets of any number."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from metrics.asking.metric import Metric
from metrics.asking.question import WINDOWS, Question, parse_question
from metrics.catalogue import answers
from metrics.catalogue.registry import get_metric as find
from metrics.catalogue.registry import load_metrics
from metrics.models import Watermark
from metrics.pages import details, report
from metrics.pages.heatmap import build_week
from metrics.pages.listing import list_tickets
from metrics.pages.report import Links
from tickets import wording
from tickets.actor import Actor
from tickets.channels.registry import adapters
from tickets.clock import database_now
from tickets.models import Calendar, Queue

KNOWN = ("days", "from", "to", "queue", "window", "channel", "person", "weekday", "hour")
PERIODS = (7, 28, 91, 364)
PAGE = 50


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show every metric in a card."""
    question, links = _asked(request)
    context = _context(request, question, links)
    return render(
        request,
        "metrics/home.html",
        {**context, "cards": report.build_cards(load_metrics(), question, links)},
    )


@require_safe
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one metric: its number, course, queues, population and formula."""
    metric = find(slug)
    question, links = _asked(request)
    course = answers.compute_course(metric, question)
    figure = course.figure
    chart, steps = report.build_course(metric, course.points, links)
    context = _context(request, question, links, metric=metric) | {
        "figure": figure,
        "headline": report.build_headline(metric, figure),
        "population": report.list_parts(metric, figure, links),
        "tickets_url": links.tickets(slug),
        "course": course,
        "chart": chart,
        "steps": steps,
        "queue_rows": report.build_queue_rows(metric, answers.compute_by_queue(metric, question), links),
        "clocks": report.describe_clocks(figure.times) if figure.times else [],
        "scores": details.build_score_bars(figure.scores, get_language() or "en") if figure.scores else [],
        "kinds": details.build_kind_bars(metric, figure.amount) if figure.amount else [],
        "ages": details.describe_ages(figure.amount) if figure.amount else [],
        "returns": details.build_return_curve(metric, question),
        "week": build_week(metric, question, links) if metric.is_when_they_come else None,
    }
    return render(request, "metrics/metric.html", context)


@require_safe
def tickets(request: HttpRequest, slug: str) -> HttpResponse:
    """List the rows behind a number, or behind one part of it; as many as the number says."""
    metric = find(slug)
    question, links = _asked(request)
    part = request.GET.get("part", "")
    rows = metric.tickets(question, part)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = _context(request, question, links, metric=metric) | {
        "part": metric.part(part) if part else None,
        "page": page,
        "lines": list_tickets(metric, list(page.object_list), by=_actor(request)),
        "metric_url": links.metric(slug),
        "next_pages": _pages(request, page),
    }
    count = page.paginator.count
    context["rows"] = metric.describe_rows(count, wording.format_count(count))
    return render(request, "metrics/tickets.html", context)


def _asked(request: HttpRequest) -> tuple[Question, Links]:
    parameters = {name: value for name in KNOWN if (value := request.GET.get(name, "").strip())}
    return parse_question(parameters, by=_actor(request), now=database_now()), Links(parameters)


def _context(
    request: HttpRequest, question: Question, links: Links, *, metric: Metric | None = None
) -> dict[str, Any]:
    """Return the context that every report shares: the question, the period, the age of the facts."""
    queues = Queue.objects.visible_to(_actor(request)).order_by("position", "pk")
    return {
        "metric": metric,
        "metrics": load_metrics().values(),
        "question": question,
        "given": links.given,
        "periods": PERIODS,
        "windows": WINDOWS,
        "channels": [(slug, adapter.label) for slug, adapter in adapters().items()],
        "queues": queues,
        "people": _people(request),
        "calendars": Calendar.objects.filter(queue__in=question.queues).distinct().order_by("name"),
        "refreshed_at": Watermark.objects.filter(pk=1).values_list("refreshed_at", flat=True).first(),
        "tabs": [(m, links.metric(m.slug)) for m in load_metrics().values()],
    }


def _people(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the agents whose own figures this user may see: themselves, and those they coach."""
    coached = get_user_model()._default_manager.filter(coach_id=request.user.pk, is_active=True)
    named = coached.order_by(F("name").asc()).values_list("pk", "name")
    return [("me", _("only me")), *((str(pk), name) for pk, name in named)]


def _pages(request: HttpRequest, page: Any) -> dict[str, str]:
    """Return the addresses of the neighbouring pages of a list."""
    pages = {}
    for name, there, number in (
        ("previous", page.has_previous(), page.number - 1),
        ("next", page.has_next(), page.number + 1),
    ):
        if there:
            query = request.GET.copy()
            query["page"] = str(number)
            pages[name] = f"?{query.urlencode()}"
    return pages


def _actor(request: HttpRequest) -> Actor:
    return Actor.for_user(request.user)


home_page, metric_page, tickets_page = (admin.site.admin_view(view) for view in (home, one, tickets))

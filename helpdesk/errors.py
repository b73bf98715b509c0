"""One place that turns a DomainError into an answer for a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.decorators import sync_and_async_middleware

from tickets.errors import DomainError

Handler = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def domain_errors(get_response: Handler) -> Handler:
    """Answer a DomainError raised by a view with its status and sentence."""
    middleware: Any
    if iscoroutinefunction(get_response):

        async def asynchronous(request: HttpRequest) -> Any:
            return await get_response(request)

        middleware = asynchronous
    else:

        def synchronous(request: HttpRequest) -> Any:
            return get_response(request)

        middleware = synchronous
    middleware.process_exception = answer
    return middleware  # type: ignore[no-any-return]


def answer(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Return the answer to a DomainError: a sentence as a page, a fragment (htmx) or JSON."""
    if not isinstance(error, DomainError):
        return None
    sentence = str(error.sentence)
    if "application/json" in request.headers.get("accept", ""):
        return JsonResponse({"code": error.code, "detail": sentence}, status=error.status)
    template = "shell/error_fragment.html" if getattr(request, "htmx", False) else "shell/error.html"
    return render(request, template, {"sentence": sentence, "code": error.code}, status=error.status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say in plain words that the form's protection did not fit."""
    return render(request, "403_csrf.html", status=403)

"""One place that turns a DomainError into an answer for a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseServerError,
    JsonResponse,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.decorators import sync_and_async_middleware
from django.utils.translation import gettext_lazy as _
from django.views import defaults

from helpdesk.shell import Frame
from tickets.errors import DomainError, Invalid, NotFound
from tickets.portal import ways

API = "/api/v1/"
Handler = Callable[[HttpRequest], Any]


class OurFault(DomainError):
    """Something broke on our side; it is in the log."""

    code = "server_error"
    status = 500
    sentence = _("Something broke on our side, and nothing was changed. Please try again later.")


@sync_and_async_middleware
def domain_errors(get_response: Handler) -> Handler:
    """Answer a DomainError raised by a view with its status and sentence."""
    middleware: Any
    if iscoroutinefunction(get_response):

        async def asynchronous(request: HttpRequest) -> Any:
            response = await get_response(request)
            if _is_bare_refusal(request, response):
                return await sync_to_async(_not_allowed, thread_sensitive=True)(request, response)
            return response

        middleware = asynchronous
    else:

        def synchronous(request: HttpRequest) -> Any:
            response = get_response(request)
            return _not_allowed(request, response) if _is_bare_refusal(request, response) else response

        middleware = synchronous
    middleware.process_exception = render_error
    return middleware  # type: ignore[no-any-return]


def render_error(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Return the answer to a DomainError: a sentence as a page, a fragment (htmx) or JSON."""
    if not isinstance(error, DomainError):
        return None
    sentence = str(error.sentence)
    if "application/json" in request.headers.get("accept", ""):
        return JsonResponse({"code": error.code, "detail": sentence}, status=error.status)
    template = "shell/error_fragment.html" if getattr(request, "htmx", False) else "shell/error.html"
    return render(request, template, {"sentence": sentence, "code": error.code}, status=error.status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer for an address that is none: as JSON under the API's, else as a page."""
    if request.path.startswith(API):
        return _as_json(NotFound(), status=404)
    return defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer to what could not be read: as JSON under the API's addresses, else as a page."""
    if request.path.startswith(API):
        return _as_json(Invalid(code="unreadable"), status=400)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for a fault of ours: as JSON under the API's addresses, else as a page with a person."""
    if request.path.startswith(API):
        return _as_json(OurFault(), status=500)
    known = {"ways": ways.load_ways_or_last_known(), "kept": Frame(request).kept}
    return HttpResponseServerError(render_to_string("500.html", known))


def _is_bare_refusal(request: HttpRequest, response: Any) -> bool:
    """Tell whether a browser would show an empty page: the address takes no such method."""
    return (
        isinstance(response, HttpResponseNotAllowed)
        and not response.content
        and "text/html" in request.headers.get("accept", "")
    )


def _not_allowed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    page = render(request, "405.html", status=response.status_code)
    page.headers["Allow"] = response.headers["Allow"]
    return page


def _as_json(error: DomainError, *, status: int) -> JsonResponse:
    return JsonResponse({"code": error.code, "detail": str(error.sentence)}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say in plain words that the form's protection did not fit."""
    return render(request, "403_csrf.html", status=403)

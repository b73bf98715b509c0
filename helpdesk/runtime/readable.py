"""Refuse parameters and headers that hold what is no character, and clean what people typed.

PostgreSQL stores no NUL. Programs make parameters, so one with a NUL is a mistake or an attack: 400. Into a
form or a search it may have been pasted along with somebody's words: they are taken without it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict, UnreadablePostError
from django.utils.decorators import sync_and_async_middleware
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from django.views.defaults import bad_request

from helpdesk.runtime import sizes
from tickets.errors import TooLarge
from tickets.platform.text import REPLACEMENT, is_storable, make_storable

Handler = Callable[[HttpRequest], Any]
TYPED = "q"  # the words of a search
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# Others may turn plain bytes into half characters, or are no charset at all (rot13).
CHARSETS = ("", "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "latin-1", "windows-1252")

UNREADABLE = "unreadable"


@sync_and_async_middleware
def readable(get_response: Handler) -> Handler:
    """Refuse requests whose address or headers are not valid text, and clean the forms for the view."""
    middleware: Any
    if iscoroutinefunction(get_response):

        async def asynchronous(request: HttpRequest) -> Any:
            reason = why_refused(request)
            if reason is None:
                return await get_response(request)
            # The page reads the company's name, which no event loop may.
            return await sync_to_async(_refused, thread_sensitive=True)(request, *reason)

        middleware = asynchronous
    else:

        def synchronous(request: HttpRequest) -> Any:
            reason = why_refused(request)
            return get_response(request) if reason is None else _refused(request, *reason)

        middleware = synchronous
    middleware.process_view = clean_form
    return middleware  # type: ignore[no-any-return]


def decode_by_known_charsets() -> None:
    """Let a request be decoded by no other charset than those: Django would, before any middleware.

    A content type that cannot be read gets a charset that is refused: an error here would reach the server.
    """

    def take_content_type(request: HttpRequest, meta: dict[str, Any]) -> None:
        try:
            kind, parameters = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:
            kind, parameters = "", {"charset": UNREADABLE}
        request.content_type, request.content_params = kind, parameters
        charset = _charset_of(request)
        if charset and charset in CHARSETS:
            request.encoding = charset

    HttpRequest._set_content_type_params = take_content_type  # type: ignore[attr-defined]


def why_refused(request: HttpRequest) -> tuple[str, int] | None:
    """Return sentence and status for a request that nobody should send; None for all others.

    400 for a parameter or header with a NUL in it, 413 for a form that is too large, 415 for an odd charset.
    """
    sizes.note_body_size(request)
    if _charset_of(request) not in CHARSETS:
        return _("Send it in UTF-8."), 415
    if sizes.has_too_many_words(request):
        return str(TooLarge.sentence), 413
    if not is_storable(request.path_info):  # no such address; the view says so in its own way
        request.path_info = request.path_info.replace("\x00", REPLACEMENT)
    if not all(map(is_storable, _texts(request.GET))) and TYPED in request.GET:
        words = [make_storable(value) for value in request.GET.getlist(TYPED)]
        request.GET = _with(request.GET, {TYPED: words})  # type: ignore[assignment]
    if not all(map(is_storable, (*_texts(request.GET), *_headers(request)))):
        return _("A parameter or a header of this request holds a NUL."), 400
    return None


def clean_form(
    request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponse | None:
    """Take NULs out of a form's fields; doors exempt from tokens read the body themselves."""
    if request.method in ("GET", "HEAD") or getattr(view, "csrf_exempt", False):
        return None
    if request.content_type not in FORMS:
        return None
    try:
        form = request.POST
    except UnreadablePostError:  # the sender went away
        return None
    if not all(map(is_storable, _texts(form))):
        cleaned = {
            make_storable(name): [make_storable(value) for value in values] for name, values in form.lists()
        }
        request.POST = _with(QueryDict(encoding=form.encoding), cleaned)  # type: ignore[assignment]
    return None


def _with(form: QueryDict, values: dict[str, list[str]]) -> QueryDict:
    """Return a form that has these values for these names."""
    changed = form.copy()
    for name, value in values.items():
        changed.setlist(name, value)
    changed._mutable = False
    return changed


def _charset_of(request: HttpRequest) -> str:
    return str((request.content_params or {}).get("charset", "")).strip("\"' ").lower()


def _texts(form: QueryDict) -> list[str]:
    return [text for name, values in form.lists() for text in (name, *values)]


def _headers(request: HttpRequest) -> list[str]:
    return [value for name, value in request.META.items() if name.startswith("HTTP_")]


def _refused(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    if request.path.startswith("/api/") or "application/json" in request.headers.get("accept", ""):
        return JsonResponse({"code": "unreadable", "detail": sentence}, status=status)
    page = bad_request(request, BadRequest(sentence))
    page.status_code = status
    return page

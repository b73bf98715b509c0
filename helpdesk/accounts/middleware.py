"""A signed-in person's own language and time zone, on every page."""

from __future__ import annotations

import zoneinfo
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.decorators import sync_and_async_middleware

Handler = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def preferences(get_response: Handler) -> Handler:
    """Activate the account's language and time zone for the request, and the defaults again after it."""
    if iscoroutinefunction(get_response):

        async def asynchronous(request: HttpRequest) -> HttpResponseBase:
            _activate(request, await request.auser())
            response: Awaitable[HttpResponseBase] = get_response(request)
            return _finish(await response)

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponseBase:
        _activate(request, request.user)
        return _finish(get_response(request))

    return synchronous


def _activate(request: HttpRequest, user: Any) -> None:
    if not user.is_authenticated:
        return
    translation.activate(user.language)
    request.LANGUAGE_CODE = translation.get_language()
    try:
        timezone.activate(zoneinfo.ZoneInfo(user.time_zone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        timezone.deactivate()


def _finish(response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Content-Language", translation.get_language() or "en")
    timezone.deactivate()
    return response

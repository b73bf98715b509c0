"""A signed-in person's own language and time zone on every page, and the mark of a known browser."""

from __future__ import annotations

import zoneinfo
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.decorators import sync_and_async_middleware

from helpdesk.accounts import devices

Handler = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def preferences(get_response: Handler) -> Handler:
    """Activate the account's language and time zone for the request, and the defaults again after it.

    A browser in which somebody has just signed in gets its cookie here, whichever page did it.
    """
    if iscoroutinefunction(get_response):

        async def asynchronous(request: HttpRequest) -> HttpResponseBase:
            _activate(request, await request.auser())
            response: Awaitable[HttpResponseBase] = get_response(request)
            return _finish(request, await response)

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponseBase:
        _activate(request, request.user)
        return _finish(request, get_response(request))

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


def _finish(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    devices.write_cookie(request, response)
    response.headers.setdefault("Content-Language", translation.get_language() or "en")
    timezone.deactivate()
    return response

"""Count the queries of one request, for the benchmark that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

ASKED = "X-Count-Queries"
TOLD = "X-Queries"


def count_queries(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Any:
    """Tell in a header how many queries a request took that asks for it; others are left alone."""

    def counting(request: HttpRequest) -> HttpResponseBase:
        if ASKED not in request.headers:
            return get_response(request)
        counted: list[str] = []

        def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            counted.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            response = get_response(request)
        response.headers[TOLD] = str(len(counted))
        return response

    return counting

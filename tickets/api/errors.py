"""One place that turns a DomainError into an API answer."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework.response import Response
from rest_framework.views import exception_handler

from tickets.errors import DomainError, NotFound


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer {"code", "detail"} with the error's status; leave the rest to the framework."""
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, DomainError):
        return Response({"code": error.code, "detail": str(error.sentence)}, status=error.status)
    return exception_handler(error, context)

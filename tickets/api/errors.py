"""Turn every exception into an API answer of the same form: {"code", "detail"} and more where it helps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import set_rollback

from tickets.errors import DomainError, Invalid, NotAllowed, NotFound, TooMany

# Our codes for errors of the framework; those that are not listed keep the framework's code.
CODES = {"parse_error": "unreadable", "permission_denied": "not_allowed"}
WAIT_SECONDS = 60


class UnknownNames(Invalid):
    """A request has unknown parameters or fields; the answer lists the known ones."""

    def __init__(
        self,
        sentence: str | Promise,
        *,
        code: str,
        known: Sequence[str],
        fields: dict[str, list[str]] | None = None,
    ) -> None:
        super().__init__(sentence, code=code)
        self.more: dict[str, Any] = {"known": list(known), **({"fields": fields} if fields else {})}


class TryLater(DomainError):
    """A temporary fault of ours; nothing was done."""

    code = "try_later"
    status = 503


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return {"code", "detail"} with the error's status, and `fields` or `known` where they help.

    For any other exception return None: the server then answers 500 and logs it.
    """
    if isinstance(error, Http404):
        error = NotFound()
    elif isinstance(error, PermissionDenied):
        error = NotAllowed()
    if isinstance(error, DomainError):
        body = {"code": error.code, "detail": str(error.sentence), **getattr(error, "more", {})}
        return Response(body, status=error.status, headers=_build_headers(error))
    if not isinstance(error, APIException):
        return None
    set_rollback()
    return Response(_build_body(error), status=error.status_code, headers=_build_headers(error))


def _build_body(error: APIException) -> dict[str, Any]:
    if isinstance(error, ValidationError):
        fields = dict(_flatten_errors(error.detail))
        detail = _("Some fields are missing or wrong: %(names)s.") % {"names": ", ".join(fields)}
        return {"code": "invalid", "detail": detail, "fields": fields}
    code = error.default_code
    return {"code": CODES.get(code, code), "detail": str(error.detail)}


def _flatten_errors(detail: Any, path: str = "") -> list[tuple[str, list[str]]]:
    """Return (dotted name, sentences) for each invalid field in the framework's nested errors."""
    if isinstance(detail, dict):
        named = [(f"{path}.{name}" if path else str(name), inner) for name, inner in detail.items()]
        return [pair for name, inner in named for pair in _flatten_errors(inner, name)]
    if isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        numbered = [(f"{path}.{index}", inner) for index, inner in enumerate(detail)]
        return [pair for name, inner in numbered if inner for pair in _flatten_errors(inner, name)]
    sentences = [detail] if isinstance(detail, ErrorDetail | str) else detail
    return [(path or "body", [str(sentence) for sentence in sentences])]


def _build_headers(error: Exception) -> dict[str, str]:
    """Return the headers of an error: WWW-Authenticate and Retry-After (seconds), if they apply."""
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    wait = getattr(error, "retry_after", WAIT_SECONDS if isinstance(error, TooMany) else None)
    if wait:
        headers["Retry-After"] = str(wait)
    return headers

"""Parse the body of a request: one JSON object in UTF-8, whose values PostgreSQL can store."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser

from tickets.errors import Invalid, TooLarge
from tickets.platform.text import is_storable

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 20
LARGEST = 2**63 - 1
CHARSETS = ("utf-8", "utf8", "us-ascii", "")


class StrictJSONParser(BaseParser):
    """A JSON parser that also refuses what `json` accepts: NaN, duplicate names, NUL, lone surrogates."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the object in a body.

        Raises Invalid if it cannot be parsed or stored, TooLarge beyond 2 MB, UnsupportedMediaType if the
        charset is not UTF-8.
        """
        charset = (parser_context or {})["request"].content_params.get("charset", "")
        if charset.strip("\"'").lower() not in CHARSETS:
            raise UnsupportedMediaType(str(media_type))
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise TooLarge
        return _parse_object(raw)


def _parse_object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(
            raw.decode("utf-8-sig"), parse_constant=_refuse_constant, object_pairs_hook=_refuse_duplicates
        )
    except UnicodeDecodeError as error:
        raise _build_error(_("The body is not UTF-8.")) from error
    except RecursionError as error:
        raise _build_depth_error() from error
    except ValueError as error:
        raise _build_error(_("The body is not JSON.")) from error
    if not isinstance(body, dict):
        raise _build_error(_("The body must be one JSON object."))
    for value, depth in _iterate_values(body):
        _check(value, depth)
    return body


def _iterate_values(body: Any) -> Iterator[tuple[Any, int]]:
    """Yield all values and names with their depths; without recursion, which deep input could exhaust."""
    waiting = [(body, 1)]
    while waiting:
        value, depth = waiting.pop()
        yield value, depth
        if depth > MAX_DEPTH:
            continue
        if isinstance(value, dict):
            waiting += [(inner, depth + 1) for pair in value.items() for inner in pair]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value]


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _build_depth_error()
    if isinstance(value, str) and not is_storable(value):
        raise _build_error(_("A text in it holds a NUL or half a character (a lone surrogate)."))
    if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
        raise _build_error(_("A number in it is too large."))
    if isinstance(value, float) and not math.isfinite(value):
        raise _build_error(_("A number in it is too large."))


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _build_error(_("A name in it is given twice."))
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise _build_error(_("NaN and Infinity are no JSON."))


def _build_depth_error() -> Invalid:
    return _build_error(_("It is nested too deeply."))


def _build_error(sentence: str) -> Invalid:
    return Invalid(sentence, code="unreadable")

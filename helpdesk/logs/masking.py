"""What of a text may stand in a log: words that are ours, and numbers. Everything a stranger sent stays out.

Not a list of what is secret, which the next address would be missing from: of a path, only the words that
are written in our own URL configuration are shown, and short numbers. A query is never shown. Of an
exception, its kind and where it was raised: what it says may quote anything.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

HIDDEN = "…"
MOST_SEGMENTS, MOST_CHARACTERS, MOST_FRAMES, DEEPEST = 8, 2_000, 40, 6
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
FIELD = re.compile(r"[a-z_]{1,40}", re.ASCII)
WORD = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,40}", re.ASCII)
CHUNK = re.compile(r"[^\s\"'`<>\[\](){},;]+")
SERVER = re.compile(r"(?:https?|wss?)://[A-Za-z0-9.:-]*", re.ASCII | re.IGNORECASE)
NAMED = re.compile(
    r"\b([\w-]*(?:key|token|code|state|mac|secret|password|signature|session\w*|csrf\w*|bearer|authorization))"
    r"([\"']?\s*[=:]\s*|\s+(?=\S{12}))(?:\"[^\"]*\"|'[^']*'|[^\s\"']+)",
    re.IGNORECASE,
)
RANDOM = re.compile(r"[A-Za-z0-9_+~-]{20,}", re.ASCII)
PLAIN_NAME = re.compile(r"[a-z]+(?:[_-][a-z]+)+|(?:[A-Z][a-z0-9]{0,15}){2,}", re.ASCII)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


def loggable_request(method: str, path: str) -> str:
    """Return a request's line as it may be logged: its method and its path without what was filled in."""
    return f"{method if method in METHODS else HIDDEN} {loggable_path(path)}"


def loggable_path(path: str) -> str:
    """Return a path with only the words of our own addresses and short numbers left; without its query."""
    bare = path.partition("?")[0].partition("#")[0]
    segments = bare.split("/")
    shown = [_segment(segment) for segment in segments[:MOST_SEGMENTS]]
    return "/".join(shown + [HIDDEN] * (len(segments) > MOST_SEGMENTS))


def loggable_text(text: str) -> str:
    """Return a text with every path, address and what looks like a token hidden."""
    named = NAMED.sub(lambda match: f"{match[1]}{match[2]}{HIDDEN}", text[:MOST_CHARACTERS])
    return CHUNK.sub(lambda match: _chunk(match[0]), named)


def loggable_value(value: Any, depth: int = 0) -> Any:
    """Return a value as it may be logged: numbers as they are, texts masked, of other things their kind."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return loggable_path(value) if value.startswith("/") else loggable_text(value)
    if depth < DEEPEST and isinstance(value, (list, tuple, set, frozenset)):
        return [loggable_value(part, depth + 1) for part in value]
    if depth < DEEPEST and isinstance(value, Mapping):
        return {loggable_name(name): loggable_value(part, depth + 1) for name, part in value.items()}
    return type(value).__name__


def loggable_name(name: object) -> str:
    """Return a field's name as it may be logged: a word of small letters."""
    return str(name) if FIELD.fullmatch(str(name)) else HIDDEN


def loggable_exception(error: BaseException) -> str:
    """Return kind and place of an exception and of those it came from; never what they say."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(seen) < MOST_FRAMES:
        seen.add(id(current))
        lines.append(_kind(current))
        frames = traceback.extract_tb(current.__traceback__)[-MOST_FRAMES:]
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
        lines += ["caused by"] if current is not None else []
    return "\n".join(lines)


def _kind(error: BaseException) -> str:
    """Return an exception's class, and what of it is a fact and not a text."""
    facts = {
        name: getattr(error, name, None) for name in ("code", "errno", "sqlstate", "status", "smtp_code")
    }
    shown = {name: fact for name, fact in facts.items() if isinstance(fact, int)}
    state = facts["sqlstate"]
    if isinstance(state, str) and re.fullmatch(r"[0-9A-Z]{5}", state, re.ASCII):
        shown["sqlstate"] = state  # type: ignore[assignment]  # five characters of PostgreSQL's own
    words = ", ".join(f"{name} {fact}" for name, fact in shown.items())
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    return f"{name} ({words})" if words else name


def _segment(segment: str) -> str:
    if not segment or NUMBER.fullmatch(segment) or segment in _words():
        return segment
    return HIDDEN


def _chunk(chunk: str) -> str:
    """Return a piece of text between spaces, quotes or brackets as it may be shown."""
    server = SERVER.match(chunk)
    if server:
        return server[0] + loggable_path(chunk[server.end() :])
    if "?" in chunk or "/" in chunk:
        return loggable_path(chunk)
    if "@" in chunk or "%" in chunk:
        return HIDDEN
    return RANDOM.sub(lambda match: match[0] if PLAIN_NAME.fullmatch(match[0]) else HIDDEN, chunk)


def _words() -> frozenset[str]:
    """Return the words of our addresses; none while they cannot be read yet."""
    if not apps.ready:
        return frozenset()
    try:
        return _words_of_urls()
    except Exception:  # noqa: BLE001  (a log line must come out while the addresses are being loaded, or broken)
        return frozenset()


@lru_cache(maxsize=1)
def _words_of_urls() -> frozenset[str]:
    from helpdesk.sockets import websocket_urlpatterns  # noqa: PLC0415  (settings name this module: too early)

    routes = [*_routes(get_resolver().url_patterns), *_routes(websocket_urlpatterns)]
    pieces = (piece.strip("^$\\") for route in routes for piece in route.split("/"))
    return frozenset(piece for piece in pieces if WORD.fullmatch(piece))


def _routes(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        yield str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns)

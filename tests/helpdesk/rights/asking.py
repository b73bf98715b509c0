"""Ask every route as everybody and say whose door opens."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any, cast

from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RoutePattern

from tests.helpdesk.rights.world import PEOPLE, World
from tickets.api.base import Resource

Route = tuple[str, str, URLPattern]
REFUSED = (401, 403, 404)
NO_SUCH_WAY = 405
CUSTOMERS_PAGES = ("portal", "survey", "chat", "account", "mfa", "my", "preferences")
AT_WORK = ("visitor", "dana", "alice", "bob", "mallory", "carol", "admin")
AT_HOME = ("visitor", "dana", "emile", "alice", "admin")
FEW = ("visitor", "alice", "carol", "admin")  # the settings: they know one agent like the other
SIGN_IN = ("/accounts/login/", "/admin/login/")


def routes() -> list[Route]:
    """Return (name, path, pattern) of all that the installation answers, names made unique by their path."""
    found = list(_walk(get_resolver().url_patterns, "", ""))
    names = [name for name, _path, _pattern in found]
    return [(name if names.count(name) == 1 else f"{name} {path}", path, p) for name, path, p in found]


def api_routes() -> list[tuple[str, str, type[Resource]]]:
    """Return (name, path, resource) of all that lies under the API's address."""
    found = [route for route in routes() if route[1].startswith("api/v1/")]
    return [(name, f"/{path}", cast("Any", pattern.callback).cls) for name, path, pattern in found]


def opens_for(world: World, route: Route, method: str) -> str:
    """Return the roles for whom a route opens with a method, in the order of `roles_for`.

    A door is open where the answer is anything but 401, 403, 404, 405 and the way to the sign-in page: a form
    that is sent empty is refused for what is in it, not for who sends it. What a request changed is undone.
    """
    return " ".join(role for role in roles_for(route[0]) if _is_open(world, role, route, method))


def roles_for(name: str) -> tuple[str, ...]:
    """Return those whose rights can differ on a route."""
    area = name.partition(":")[0].partition("_")[0]
    if area == "admin":
        return FEW
    return AT_HOME if area in CUSTOMERS_PAGES else AT_WORK


def _is_open(world: World, role: str, route: Route, method: str) -> bool:
    name, path, _pattern = route
    address = "/" + path.format(**world.arguments(name))
    with transaction.atomic():
        response = _ask(world, role, method, address)
        transaction.set_rollback(True)
    location = response.headers.get("Location", "")
    goes_to_sign_in = location.startswith(SIGN_IN) or response.status_code in REFUSED
    return not goes_to_sign_in and response.status_code != NO_SUCH_WAY


def _ask(world: World, role: str, method: str, address: str) -> HttpResponseBase:
    if address.startswith("/api/v1/"):
        headers = {"Authorization": f"Bearer {world.keys[role]}"} if role in PEOPLE else {}
        client = Client(headers={**headers, "Content-Type": "application/json"})
    else:
        client = Client(headers={"Accept": "text/html"})
        client.cookies = SimpleCookie(world.cookies[role])
    client.raise_request_exception = False
    response: HttpResponseBase = client.generic(
        method, address, b"{}" if address.startswith("/api/") else b""
    )
    assert response.status_code < 500, f"{method} {address} as {role} answered {response.status_code}"
    return response


def _walk(patterns: Any, prefix: str, namespace: str) -> Iterator[Route]:
    for entry in patterns:
        path = prefix + _path(entry)
        if isinstance(entry, URLPattern):
            yield (f"{namespace}:{entry.name}" if namespace else str(entry.name)), path, entry
        else:
            inner = f"{namespace}:{entry.namespace}" if namespace and entry.namespace else entry.namespace
            yield from _walk(entry.url_patterns, path, inner or namespace)


def _path(entry: Any) -> str:
    """Return a pattern with its parameters in braces."""
    if isinstance(entry.pattern, RoutePattern):
        return "".join(_braced(part) for part in _parts(str(entry.pattern)))
    text = str(entry.pattern).removeprefix("^").removesuffix("$")
    for name in entry.pattern.regex.groupindex:
        start = text.index(f"(?P<{name}>")
        text = text[:start] + "{" + name + "}" + text[_end(text, start) :]
    return text


def _parts(text: str) -> list[str]:
    return text.replace("<", "\n<").replace(">", ">\n").split("\n")


def _braced(part: str) -> str:
    return "{" + part.strip("<>").rpartition(":")[2] + "}" if part.startswith("<") else part


def _end(text: str, start: int) -> int:
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0:
            return place + 1
    raise ValueError(text)

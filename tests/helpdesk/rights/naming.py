"""Name a hidden row and one that does not exist, in each place of a route: both must come to the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

from django.db import transaction
from django.test import Client
from django.utils.html import escape

from tests.helpdesk.rights.asking import CUSTOMERS_PAGES, Route
from tests.helpdesk.rights.fields import IN_ONE_ADDRESS, IN_THE_ADDRESS, NOTHING, READS, Kinds
from tests.helpdesk.rights.hidden import EVERYBODY, STAFF, Hidden
from tests.helpdesk.rights.rows import ROWS
from tests.helpdesk.rights.world import World
from tickets.customers import phone_numbers as numbers
from tickets.models import Channel

QUERY, BODY, ADDRESS = "query", "body", "address"
METHODS = {
    QUERY: ("GET",),
    BODY: ("POST", "PUT", "PATCH"),
    ADDRESS: ("GET", "POST", "PUT", "PATCH", "DELETE"),
}
TOLD = ("Location", "HX-Trigger", "HX-Redirect", "HX-Location", "X-Desk-Swap")
CHANGING = re.compile(  # differs between any two answers: tokens, moments, and who has just been made
    r"""("X-CSRFToken": "|name="(?:csrfmiddlewaretoken|token)" value="|nonce[=-]"?)[\w+/=-]+"""
    r"|\bmark=\"?\d+|\?to=[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\dT[\d:.]+([+-]\d\d:\d\d|Z)|\b\d\d:\d\d\b"
    r"|\bcustomer[=-]\d+|\"(customer|id)\": ?\"[a-z0-9]{14}\""
)
BEFORE = r"(?:(?<!\w)|(?<=%[0-9A-F]{2}))"  # a word's beginning, also after an encoded space
OPENED = re.compile(r'/admin/desk/(\d+)/|"number": ?(\d+)')


@dataclass(frozen=True)
class Naming:
    """One place of a route where a row may be named, and of which kind: `form` is how its id is written."""

    route: Route
    place: str
    field: str
    kind: str
    form: str = "{}"

    def __str__(self) -> str:
        return f"{self.route[0]}, {self.place} {self.field} = a {self.kind}"


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the texts in one, and the numbers of tickets that were opened."""

    status: int
    text: str
    opened: tuple[str, ...] = ()


def namings(route: Route) -> Iterator[Naming]:
    """Give every place of a route where a row may be named."""
    name, path, _pattern = route
    reads = READS.get(name, NOTHING)
    for place, fields in ((QUERY, reads.query), (BODY, reads.body)):
        for field, kinds in fields.items():
            yield from _each(route, place, field, kinds)
    for part in re.findall(r"\{(\w+)\}", path):
        kinds = IN_ONE_ADDRESS.get((name, part), IN_THE_ADDRESS[part])
        if kinds:
            yield from _each(route, ADDRESS, part, kinds)


def troubles(world: World, hidden: Hidden, naming: Naming) -> Iterator[str]:
    """Tell what goes wrong where a hidden row is named, in sentences."""
    for role in EVERYBODY:
        for method in METHODS[naming.place]:
            if _is_worth_asking(naming, role, method):
                for trouble in _asked(world, hidden, naming, role, method):
                    yield f"{method} {naming} as {role}: {trouble}"


def status_of(world: World, naming: Naming, role: str, value: str) -> int:
    """Return the worst status that a value in this place is answered with."""
    with transaction.atomic():
        found = [
            _tried(world, naming, role, method, value)
            for method in METHODS[naming.place]
            if _is_worth_asking(naming, role, method)
        ]
        transaction.set_rollback(True)
    return max((answer.status for answers in found for answer in answers), default=0)


def _each(route: Route, place: str, field: str, kinds: Kinds) -> Iterator[Naming]:
    for kind in (kinds,) if isinstance(kinds, str) else kinds:
        name, _as, form = kind.partition(" as ")
        yield Naming(route, place, field, name, form or "{}")


def _is_worth_asking(naming: Naming, role: str, method: str) -> bool:
    name, _path, _pattern = naming.route
    if name.partition(":")[0].endswith("api"):
        return role in STAFF and bool(getattr(ROWS[name], method.lower()))
    if method in ("PUT", "PATCH", "DELETE"):
        return False
    if naming.place == QUERY and not ROWS[name].get:
        return False
    at_work = name.partition(":")[0].partition("_")[0] not in CUSTOMERS_PAGES
    return role in STAFF if at_work else role in ("visitor", "dana", "alice")


def _asked(world: World, hidden: Hidden, naming: Naming, role: str, method: str) -> Iterator[str]:
    there, absent = (naming.form.format(value) for value in hidden.pairs[naming.kind])
    with transaction.atomic():
        before = hidden.fingerprint() if method != "GET" else {}
        found = _tried(world, naming, role, method, there)
        after = hidden.fingerprint() if method != "GET" else {}
        transaction.set_rollback(True)
    if max(answer.status for answer in found) >= 500:
        yield f"answered {found[0].status}"
    if role == "admin":
        return
    changed = sorted(table for table in {*before, *after} if before.get(table) != after.get(table))
    if changed:
        yield f"changed {', '.join(changed)}"
    for answer in found:
        yield from _shown(answer, hidden, there)
    with transaction.atomic():
        nothing = _tried(world, naming, role, method, absent)
        transaction.set_rollback(True)
    ids = [there, absent, *hidden.pairs[naming.kind]]
    opened = [number for answer in (*found, *nothing) for number in answer.opened]
    one, other = (_alike(answers, ids, opened) for answers in (found, nothing))
    if one != other:
        yield f"tells it from one that does not exist: {_difference(one, other)}"


def _tried(world: World, naming: Naming, role: str, method: str, value: str) -> list[Answer]:
    """Send the value; where something was done, look at the ticket that was opened or written to as well."""
    name, path, _pattern = naming.route
    arguments = dict(world.arguments(name))
    reads = READS.get(name, NOTHING)
    fields = {**reads.beside} if method != "GET" else {}
    query = {}
    if naming.place == ADDRESS:
        arguments[naming.field] = value
    elif naming.place == QUERY:
        query[naming.field] = value
    else:
        fields[naming.field] = value
    address = "/" + path.format(**{part: quote(str(given)) for part, given in arguments.items()})
    if name == "desk:new" and method == "POST":
        of = world.cast.refunds if role == "nina" else world.cast.orders
        mailbox = Channel.objects.get(slug="email", queue=of)
        fields = {"queue": str(of.pk), "channel": str(mailbox.pk), **fields}
    if name == "portal:request":
        fields["about"] = world.cast.web.key
    if name in ("portal:callback", "portal:request_callback") and method == "POST":
        fields["window"] = _first_window()
    answer = _sent(world, role, method, address + (f"?{_encoded(query)}" if query else ""), fields)
    answers = [answer]
    if method != "GET" and answer.status < 400 and role in STAFF and not address.startswith("/api/"):
        numbers = answer.opened or ((str(world.ticket.pk),) if "{number}" in path else ())
        for number in numbers[:1]:
            for page in ("", "card/"):
                answers.append(_sent(world, role, "GET", f"/admin/desk/{number}/{page}", {}))
    return answers


def _first_window() -> str:
    """Return the first time at which a customer may ask to be called back."""
    page = Client().get("/callback/").content.decode()
    found = re.search(r'name="window"[^>]*value="([^"]+)"', page) or re.search(
        r'<option value="([^"]+)"', page
    )
    assert found, "the form offers no time"
    return found[1]


def _sent(world: World, role: str, method: str, address: str, fields: dict[str, str]) -> Answer:
    client = Client(raise_request_exception=False)
    sent: dict[str, Any] = {}
    if address.startswith("/api/v1/"):
        sent = {"data": json.dumps(_nested(fields)), "content_type": "application/json"}
        sent["headers"] = {"Authorization": f"Bearer {world.keys[role]}"}
    else:
        client.cookies = SimpleCookie(world.cookies[role])
        sent = {"data": _encoded(fields), "content_type": "application/x-www-form-urlencoded"}
    if method == "GET":
        sent = {"headers": sent.get("headers", {})}
    response = client.generic(method, address, **sent)
    text = b"".join(response) if response.streaming else response.content
    told = [response.headers.get(name, "") for name in TOLD]
    whole = "\n".join([*told, text.decode("utf-8", "replace")])
    heads = "\n".join([*told, whole if address.startswith("/api/") else ""])
    opened = tuple(a or b for a, b in OPENED.findall(heads)) if method != "GET" else ()
    return Answer(response.status_code, whole, opened)


def _encoded(fields: dict[str, str]) -> str:
    return urlencode(fields, errors="surrogatepass")


def _nested(fields: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in fields.items():
        outer, _dot, inner = name.partition(".")
        if inner:
            found.setdefault(outer, {})[inner] = value
        else:
            found[name] = value
    return found


def _shown(answer: Answer, hidden: Hidden, given: str) -> Iterator[str]:
    """Tell which text of a hidden row stands in an answer, beside what was typed."""
    text = answer.text
    for echo in _echoes(given):
        text = re.sub(re.escape(echo), "", text, flags=re.IGNORECASE) if len(echo) > 3 else text
    for canary in hidden.texts(given):
        place = text.casefold().find(canary)
        if place >= 0:
            yield f"shows {text[max(0, place - 60) : place + 40]!r}"
            return


def _echoes(given: str) -> set[str]:
    """Return the ways in which a page may say again what was typed."""
    return {given, quote(given), quote_plus(given), escape(given), numbers.format_number(given)}


def _alike(answers: list[Answer], ids: list[str], opened: list[str]) -> list[str]:
    """Return answers as text, with what was typed and the numbers of new tickets taken out."""
    found = []
    for answer in answers:
        text = f"{answer.status}\n{answer.text}"
        text = CHANGING.sub("TOKEN", text)
        for value in sorted({echo for given in ids for echo in _echoes(given)}, key=len, reverse=True):
            text = re.sub(
                rf"(?:(?<!\w)|(?<=%[0-9A-F]{{2}})){re.escape(value)}(?!\w)", "ID", text, flags=re.IGNORECASE
            )
        for number in opened:
            text = re.sub(rf"(?<!\w){number}(?!\w)", "NEW", text)
        found += text.splitlines()
    return found


def _difference(one: list[str], other: list[str]) -> str:
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            start = next((i for i, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), 0)
            return (
                f"{mine[max(0, start - 40) : start + 80]!r} and {theirs[max(0, start - 40) : start + 80]!r}"
            )
    return f"{len(one)} lines and {len(other)}"

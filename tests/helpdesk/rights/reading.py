"""Find the fields that a route reads from its query and its body, in the source of its view.

Followed are calls within our packages that are given the request or what it carries. Django forms and REST
serializers tell their fields themselves.
"""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.forms import BaseForm
from django.urls import URLPattern
from rest_framework.serializers import BaseSerializer, Serializer

OURS = ("tickets.", "routing.", "metrics.", "helpdesk.", "tests.")
QUERY, BODY = "query", "body"
CARRIED = {
    "GET": QUERY, "query_params": QUERY, "POST": BODY, "FILES": BODY, "data": BODY, "body": BODY,
}  # fmt: skip
RAW, UNKNOWN = "<raw>", "<unknown>"
LOOK_UPS = ("get", "getlist", "pop")
METHODS = ("get", "post", "put", "patch", "delete")
PAGES = ("cursor", "page_size")


@dataclass(frozen=True)
class Request:
    """The request itself."""


@dataclass(frozen=True)
class Carried:
    """What a request carries: its query, its body, or the one or the other."""

    places: frozenset[str]


@dataclass(frozen=True)
class Words:
    """Texts that an expression may be, or that one goes through."""

    texts: frozenset[str]


Value = Request | Carried | Words | None
Found = dict[str, set[str]]


def fields_of(pattern: URLPattern) -> Found:
    """Return the names of the fields that a route reads: {"query": {…}, "body": {…}}."""
    found: Found = {QUERY: set(), BODY: set()}
    view = inspect.unwrap(pattern.callback)
    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if kind is None:
        _read(view, {}, found)
    elif kind.__module__.startswith(OURS):
        _read_class(kind, found)
    return found


def is_ours(pattern: URLPattern) -> bool:
    """Say whether a route's view is written here."""
    view = inspect.unwrap(pattern.callback)
    kind = getattr(view, "cls", None) or getattr(view, "view_class", view)
    return str(getattr(kind, "__module__", "")).startswith(OURS)


def _read_class(kind: Any, found: Found) -> None:
    for method in METHODS:
        verb = getattr(kind, method, None)
        if verb is None or method not in getattr(kind, "http_method_names", METHODS):
            continue
        if form := getattr(kind, "bodies", {}).get(method):
            found[BODY].update(_of_serializer(form()))
        if verb.__module__.startswith(OURS):
            _read(verb, {}, found, kind)
        elif method == "get" and getattr(kind, "filterset_class", None):
            found[QUERY].update(kind.filterset_class.base_filters, PAGES)
        elif method == "get" and hasattr(kind, "paginate_queryset") and hasattr(kind, "list"):
            found[QUERY].update(PAGES)
        elif method in ("put", "patch"):
            found[BODY].update(_of_serializer(kind.serializer_class()))


def _read(view: Callable[..., Any], given: dict[str, Value], found: Found, kind: Any = None) -> None:
    """Add what one function reads, and those that it hands the request to."""
    view = inspect.unwrap(view)
    tree = _tree(view)
    if tree is None:
        return
    reader = _Reader(view, kind, found)
    names = [a.arg for a in (*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs)]
    reader.env = {**{name: Request() for name in names if name == "request"}, **given}
    for node in itertools.chain(ast.walk(tree), ast.walk(tree)):  # twice: what is named below its use
        reader.learn(node)
    for node in ast.walk(tree):
        reader.note(node)


@functools.cache
def _tree(view: Callable[..., Any]) -> ast.FunctionDef | None:
    try:
        parsed = ast.parse(textwrap.dedent(inspect.getsource(view))).body[0]
    except (OSError, TypeError, SyntaxError):
        return None
    return parsed if isinstance(parsed, ast.FunctionDef) else None


@dataclass
class _Reader:
    """One function being read: what its names stand for."""

    view: Callable[..., Any]
    kind: Any
    found: Found
    env: dict[str, Value] = field(default_factory=dict)

    def learn(self, node: ast.AST) -> None:
        """Take in what an assignment or a loop says of a name."""
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value)
        elif isinstance(node, ast.For | ast.comprehension):
            self._bind(node.target, node.iter)

    def note(self, node: ast.AST) -> None:
        """Add the fields that one expression reads."""
        if isinstance(node, ast.Attribute) and node.attr == "body" and self._is_request(node.value):
            self.found[BODY].add(RAW)
        elif isinstance(node, ast.Subscript):
            self._add(self.value(node.value), node.slice)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            self._add(self.value(node.comparators[0]), node.left)
        elif isinstance(node, ast.Call):
            self._call(node)

    def value(self, node: ast.expr) -> Value:
        """Return what an expression stands for, as far as it matters here."""
        found: Value = None
        match node:
            case ast.Constant(value=str(text)):
                found = Words(frozenset({text}))
            case ast.Name(id=name):
                found = self.env[name] if name in self.env else _words(self._global(node))
            case ast.Attribute(value=ast.Name(id="self"), attr="request"):
                found = Request()
            case ast.Attribute(value=inner, attr=attr):
                is_carried = attr in CARRIED and self._is_request(inner)
                found = Carried(frozenset({CARRIED[attr]})) if is_carried else _words(self._global(node))
            case ast.Call(func=ast.Attribute(value=inner, attr="dict" | "copy")):
                found = self.value(inner)
            case ast.IfExp(body=one, orelse=other):
                found = _either(self.value(one), self.value(other))
            case (
                ast.BoolOp(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts)
            ):
                found = functools.reduce(_either, map(self.value, parts), None)
            case ast.JoinedStr(values=parts):
                found = self._joined(parts)
        return found

    def _joined(self, parts: list[ast.expr]) -> Value:
        inner = [part.value if isinstance(part, ast.FormattedValue) else part for part in parts]
        values = [self.value(part) for part in inner]
        texts = [value.texts for value in values if isinstance(value, Words)]
        if len(texts) < len(values):
            return None
        return Words(frozenset("".join(chosen) for chosen in itertools.product(*texts)))

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            found = self.value(value)
            if found is not None:  # one name may go through several loops
                self.env[target.id] = _either(self.env.get(target.id), found)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, other in zip(target.elts, value.elts, strict=False):
                self._bind(one, other)

    def _add(self, carried: Value, name: ast.expr) -> None:
        if isinstance(carried, Carried):
            words = self.value(name)
            for place in carried.places:
                self.found[place].update(words.texts if isinstance(words, Words) else {UNKNOWN})

    def _call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr in LOOK_UPS and node.args:
            self._add(self.value(node.func.value), node.args[0])
        values = [self.value(a) for a in node.args] + [self.value(k.value) for k in node.keywords]
        if not any(isinstance(value, Request | Carried) for value in values):
            return
        for callee in self._callees(node.func):
            self._hand_on(callee, node, values)

    def _hand_on(self, callee: Any, node: ast.Call, values: list[Value]) -> None:
        places = {place for value in values if isinstance(value, Carried) for place in value.places}
        if inspect.isclass(callee) and issubclass(callee, BaseForm):
            for place in places:
                self.found[place].update(callee.base_fields)  # type: ignore[attr-defined]
        elif inspect.isclass(callee) and issubclass(callee, BaseSerializer):
            for place in places:
                self.found[place].update(_of_serializer(callee()))
        elif inspect.isfunction(callee) and callee.__module__.startswith(OURS):
            inner = inspect.unwrap(callee)
            names = list(inspect.signature(inner).parameters)
            names = names[1:] if names[:1] in (["self"], ["cls"]) else names
            given = {name: self.value(a) for name, a in zip(names, node.args, strict=False)}
            given |= {k.arg: self.value(k.value) for k in node.keywords if k.arg}
            _read(inner, given, self.found, self.kind)

    def _callees(self, func: ast.expr) -> Iterator[Any]:
        match func:
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if self.kind is not None:
                yield getattr(self.kind, name, None)
            case ast.Subscript(value=table) | ast.Call(func=ast.Attribute(value=table, attr="get")):
                known = self._global(table)
                yield from known.values() if isinstance(known, dict) else ()
            case ast.Name() | ast.Attribute():
                yield self._global(func)

    def _global(self, node: ast.expr) -> Any:
        """Return what a dotted name means in the function's module."""
        if isinstance(node, ast.Name):
            return inspect.unwrap(self.view).__globals__.get(node.id)
        if isinstance(node, ast.Attribute):
            return getattr(self._global(node.value), node.attr, None)
        return None

    def _is_request(self, node: ast.expr) -> bool:
        return isinstance(self.value(node), Request)


def _either(one: Value, other: Value) -> Value:
    if isinstance(one, Carried) and isinstance(other, Carried):
        return Carried(one.places | other.places)
    if isinstance(one, Words) and isinstance(other, Words):
        return Words(one.texts | other.texts)
    return one or other


def _words(value: Any) -> Value:
    if isinstance(value, str):
        return Words(frozenset({value}))
    if isinstance(value, tuple | list | set | frozenset | dict) and value:
        texts = [text for text in value if isinstance(text, str)]
        return Words(frozenset(texts)) if len(texts) == len(value) else None
    return None


def _of_serializer(serializer: Any, before: str = "") -> Iterator[str]:
    for name, inner in serializer.fields.items():
        if inner.read_only:
            continue
        if isinstance(inner, Serializer):
            yield from _of_serializer(inner, f"{before}{name}.")
        else:
            yield f"{before}{name}"

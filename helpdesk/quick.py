"""What templates ask for most, answered in fewer steps than Django's general way: variables and addresses.

Whatever is not the plain case (something to call, an index, a name nobody has set) goes Django's way.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from django.conf import settings
from django.template import Context, Template
from django.template.base import (
    FilterExpression,
    Lexer,
    Node,
    NodeList,
    Parser,
    VariableNode,
    render_value_in_context,
)
from django.template.defaulttags import URLNode
from django.urls import reverse
from django.utils.safestring import SafeData, SafeString, mark_safe
from django.utils.timezone import template_localtime  # type: ignore[attr-defined]

UNSET, UNKNOWN = object(), object()
# What stands for the values of an address while its parts are found out.
MARKS: dict[type, tuple[str, str]] = {int: ("98765", "87654"), str: ("aZ-9_7x", "bY-8_6w")}
WORD = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class QuickTemplate(Template):
    """A template whose variables are looked up in fewer steps."""

    def compile_nodelist(self) -> NodeList:
        if self.engine.debug:
            return super().compile_nodelist()
        tokens = Lexer(self.source).tokenize()
        engine = self.engine
        parser = QuickParser(tokens, engine.template_libraries, engine.template_builtins, self.origin)
        nodes = parser.parse()
        self.extra_data = parser.extra_data
        return nodes


class QuickParser(Parser):
    def compile_filter(self, token: str) -> FilterExpression:
        return Expression(token, self)


class Expression(FilterExpression):
    """A variable or constant with its filters."""

    def __init__(self, token: str, parser: Parser) -> None:
        super().__init__(token, parser)
        variable = self.var if self.is_var else None
        self.lookups: tuple[str, ...] | None = None
        if variable is not None and not variable.translate:
            self.lookups = variable.lookups

    def resolve(self, context: Context, ignore_failures: bool = False) -> Any:
        if self.lookups is None:
            return super().resolve(context, ignore_failures)
        value = found(self.lookups, context)
        if value is UNSET and not _invalid(context):
            value = None if ignore_failures else ""
        elif value is UNSET or value is UNKNOWN:
            return super().resolve(context, ignore_failures)
        for function, args in self.filters:
            value = filtered(value, function, args, context)
        return value


def found(lookups: tuple[str, ...], context: Context) -> Any:
    """Return what a dotted name stands for.

    UNSET where nobody has set its first part, UNKNOWN where Django's own look-up has to say.
    """
    first, *others = lookups
    for values in reversed(context.dicts):
        if first in values:
            value = values[first]
            break
    else:
        return UNKNOWN if hasattr(context, first) else UNSET
    for name in others:
        if callable(value):
            return UNKNOWN
        if type(value) is dict:
            if name not in value:
                return UNKNOWN
            value = value[name]
        elif hasattr(value.__class__, "__getitem__"):
            return UNKNOWN
        else:
            try:
                value = getattr(value, name)
            except Exception:  # noqa: BLE001  (asked again, and judged, by Django's look-up)
                return UNKNOWN
    return UNKNOWN if callable(value) else value


def _invalid(context: Context) -> str:
    """Return what the settings want to see in the place of a name that nobody has set."""
    return context.template.engine.string_if_invalid if context.template else ""


def filtered(value: Any, function: Any, args: list[tuple[bool, Any]], context: Context) -> Any:
    """Return a value sent through one filter, as FilterExpression.resolve() does it."""
    given = [arg.resolve(context) if is_variable else mark_safe(arg) for is_variable, arg in args]  # noqa: S308
    if getattr(function, "expects_localtime", False):
        value = template_localtime(value, context.use_tz)
    if getattr(function, "needs_autoescape", False):
        new = function(value, *given, autoescape=context.autoescape)
    else:
        new = function(value, *given)
    if getattr(function, "is_safe", False) and isinstance(value, SafeData):
        return mark_safe(new)  # noqa: S308  (the filter says that it keeps what is safe)
    return new


class Printed(VariableNode):
    """A variable put into the page, escaped."""

    def __init__(self, node: VariableNode) -> None:
        super().__init__(node.filter_expression)
        self.token, self.origin = node.token, node.origin

    def render(self, context: Context) -> str:
        try:
            value = self.filter_expression.resolve(context)
        except UnicodeDecodeError:
            return ""
        kind = type(value)
        if kind is SafeString or (kind is int and not settings.USE_THOUSAND_SEPARATOR):
            return str(value)
        if kind is str:
            return escape(value) if context.autoescape else str(value)
        return str(render_value_in_context(value, context))

    render_annotated = render


class Address(Node):
    """The address of a named page: found out once, and then only its numbers and words are put in."""

    child_nodelists = ()

    def __init__(self, node: URLNode) -> None:
        self.plain = node
        self.token, self.origin = node.token, node.origin
        self.args, self.target = node.args, node.asvar
        self.parts: dict[tuple[type, ...], list[str]] = {}

    def render(self, context: Context) -> str:
        values = [arg.resolve(context) for arg in self.args]
        kinds = tuple(map(type, values))
        if kinds not in self.parts:
            self.parts[kinds] = parts_of(self.plain.view_name.var, kinds)
        parts = self.parts[kinds]
        if not parts or not all(map(_stands_as_it_is, values)):
            return str(self.plain.render(context))
        url = parts[0] + "".join([f"{value}{part}" for value, part in zip(values, parts[1:], strict=True)])
        if self.target is None:
            return escape(url) if context.autoescape else url
        context[self.target] = url
        return ""


def is_plain(node: URLNode) -> bool:
    """Say whether an address is of a page named in so many words, its values given by their place.

    The admin's addresses depend on which admin site shows them.
    """
    if node.kwargs or node.view_name.filters:
        return False
    name = node.view_name.var
    return isinstance(name, str) and not name.startswith("admin:")


def parts_of(view: str, kinds: tuple[type, ...]) -> list[str]:
    """Return what stands before, between and after the values (numbers, words) of an address.

    Empty where they do not stand in it as they are, or there is no such page: Django's way tells.
    """
    if not all(kind in MARKS for kind in kinds):
        return []
    found = [_split(view, [f"{MARKS[kind][n]}{place}" for place, kind in enumerate(kinds)]) for n in (0, 1)]
    return found[0] if found[0] == found[1] else []


def _split(view: str, values: list[str]) -> list[str]:
    try:
        rest = reverse(view, args=values)
    except Exception:  # noqa: BLE001  (no such page, or no such values)
        return []
    parts = []
    for value in values:
        part, mark, rest = rest.partition(value)
        if not mark:
            return []
        parts.append(part)
    return [*parts, rest]


def _stands_as_it_is(value: Any) -> bool:
    """Say whether a number or word is written in an address as it is, in any place that takes its kind."""
    return value >= 0 if type(value) is int else WORD.fullmatch(value) is not None

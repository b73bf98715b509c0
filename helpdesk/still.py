"""Templates whose still parts are drawn once: markup, icons, and words that depend on the language alone.

Most of a page is the same for everybody who reads its language. Where several such pieces of a template stand
side by side they become one, drawn when it is first needed and kept for each language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django.template import Context, Template
from django.template.base import FilterExpression, Node, NodeList, TextNode, TokenType, Variable
from django.template.defaulttags import CommentNode, IfNode, LoadNode
from django.template.library import SimpleNode
from django.template.loaders.base import Loader as BaseLoader
from django.template.loaders.cached import Loader as CachedLoader
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tickets.templatetags.icons import icon


class Joining(BaseLoader):
    """Joins the still parts of what it has read, before anybody else sees it."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template: Template = super().get_template(template_name, skip)
        join(template.nodelist)
        return template


class Loader(CachedLoader, Joining):
    """Django's cached loader; what it keeps has its still parts joined."""


class StillNode(Node):
    """Neighbours that look the same to everybody who reads one language."""

    child_nodelists = ()

    def __init__(self, parts: list[Node]) -> None:
        self.parts = parts
        self.token, self.origin = parts[0].token, parts[0].origin
        self.drawn: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """Draw the parts, or return what they looked like before."""
        language = get_language()
        drawn = self.drawn.get(language)
        if drawn is None:
            drawn = self.drawn[language] = NodeList(self.parts).render(context)
        return drawn

    render_annotated = render


def join(nodes: NodeList) -> None:
    """Join still neighbours throughout a template, in place."""
    found: list[Node] = []
    for is_part, group in groupby(list(nodes), key=is_still):
        parts = list(group)
        found += [_joined(parts)] if is_part and len(parts) > 1 else parts
    nodes[:] = found
    for node in nodes:
        for inner in _inside(node):
            join(inner)


def _joined(parts: list[Node]) -> Node:
    texts = [part.s for part in parts if isinstance(part, TextNode)]
    if len(texts) < len(parts):
        return StillNode(parts)
    return TextNode("".join(texts))  # before an {% extends %}, too, where nothing else may stand


def is_still(node: Node) -> bool:
    """Say whether a node looks the same each time, in one language."""
    if isinstance(node, TextNode | LoadNode | CommentNode):
        return True
    if isinstance(node, TranslateNode):
        return not (node.asvar or node.message_context) and _is_constant(node.filter_expression)
    if isinstance(node, BlockTranslateNode):
        return _has_only_text(node)
    if isinstance(node, StaticNode):
        return node.varname is None and _is_constant(node.path)
    if isinstance(node, SimpleNode) and node.func is icon:
        return node.target_var is None and all(map(_is_constant, [*node.args, *node.kwargs.values()]))
    return False


def _is_constant(expression: Any) -> bool:
    """Say whether an argument is written out: a text in quotes, without filters."""
    if not isinstance(expression, FilterExpression) or expression.filters:
        return False
    variable = expression.var
    return isinstance(variable, str) or (isinstance(variable, Variable) and variable.lookups is None)


def _has_only_text(node: BlockTranslateNode) -> bool:
    if node.extra_context or node.countervar or node.asvar or node.message_context:
        return False
    return all(token.token_type == TokenType.TEXT for token in node.singular)


def _inside(node: Node) -> Iterator[NodeList]:
    """Return the lists of nodes within a node."""
    if isinstance(node, IfNode):
        yield from (inner for _condition, inner in node.conditions_nodelists)
        return
    names: Iterable[str] = getattr(node, "child_nodelists", ())
    for name in names:
        inner = getattr(node, name, None)
        if isinstance(inner, NodeList):
            yield inner

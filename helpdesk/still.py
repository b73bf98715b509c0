"""Templates whose still parts are drawn once: markup, icons, and words that depend on the language alone.

Most of a page is the same for everybody who reads its language. Where several such pieces of a template stand
side by side they become one, drawn when it is first needed and kept for each language.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.template import Context, Template, TemplateDoesNotExist
from django.template.base import FilterExpression, Node, NodeList, TextNode, TokenType, Variable, VariableNode
from django.template.defaulttags import CommentNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders.base import Loader as BaseLoader
from django.template.loaders.cached import Loader as CachedLoader
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from helpdesk.linking import inside, link
from helpdesk.quick import Address, Printed, QuickTemplate, is_plain
from tickets.templatetags.icons import icon


class Joining(BaseLoader):
    """Puts together what it has read, and joins its still parts, before anybody else sees it."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template = self._parsed(template_name, skip)
        if skip is None:  # else it is read for a template that looks for its blocks by itself
            link(template, self._parsed)
        join(template.nodelist)
        return template

    def _parsed(self, template_name: str, skip: Any = None) -> Template:
        tried = []
        for origin in self.get_template_sources(template_name):
            if skip is not None and origin in skip:
                tried.append((origin, "Skipped to avoid recursion"))
                continue
            try:
                source = self.get_contents(origin)  # type: ignore[attr-defined]
            except TemplateDoesNotExist:
                tried.append((origin, "Source does not exist"))
            else:
                return QuickTemplate(source, origin, str(origin.template_name), self.engine)
        raise TemplateDoesNotExist(template_name, tried=tried)


class Loader(CachedLoader, Joining):
    """Django's cached loader; what it keeps is put together and has its still parts joined."""

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        key = super().cache_key(template_name, skip)
        return key if skip is None else f"{key} with its blocks"


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
    for is_part, group in groupby(map(_quick, nodes), key=is_still):
        parts = list(group)
        found += [_joined(parts)] if is_part and len(parts) > 1 else parts
    nodes[:] = found
    for node in nodes:
        for inner in inside(node):
            join(inner)


def _quick(node: Node) -> Node:
    """Return what draws the same as a node in fewer steps, or the node."""
    if type(node) is VariableNode:
        return Printed(node)
    return Address(node) if isinstance(node, URLNode) and is_plain(node) else node


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
    if isinstance(node, StaticNode | Address):
        return _is_fixed_address(node)
    if isinstance(node, SimpleNode) and node.func is icon:
        return node.target_var is None and all(map(_is_constant, [*node.args, *node.kwargs.values()]))
    return False


def _is_fixed_address(node: StaticNode | Address) -> bool:
    if isinstance(node, Address):
        return not node.args and node.target is None
    return node.varname is None and _is_constant(node.path)


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

"""Templates put together when they are read: each block and each included file in its place.

A page is then one tree instead of forty files that look for one another each time it is drawn. What
cannot be known beforehand (a file named by a variable) is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Any

from django.template import Context, Template, TemplateDoesNotExist, defaulttags
from django.template.base import FilterExpression, Node, NodeList, TextNode, VariableNode
from django.template.defaulttags import (
    CommentNode,
    CsrfTokenNode,
    CycleNode,
    ForNode,
    IfChangedNode,
    IfNode,
    LoadNode,
    URLNode,
    WithNode,
)
from django.template.library import SimpleNode
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode

type Read = Callable[[str], Template]

SUPER = re.compile(r"\bblock\.\w+")
OWN_SCOPE = (TextNode, VariableNode, LoadNode, CommentNode, CsrfTokenNode, ForNode, WithNode, IncludeNode)
MAY_NAME = (URLNode, TranslateNode, BlockTranslateNode)
# They remember where they are by the template that is being drawn.
REMEMBERING = (CycleNode, IfChangedNode, defaulttags.ResetCycleNode, ExtendsNode, BlockNode)
KNOWN = ("django.template.", "django.templatetags.", "helpdesk.")


class ScopeNode(Node):
    """Nodes whose names are forgotten after them, with the values they were given."""

    def __init__(self, nodelist: NodeList, values: dict[str, FilterExpression] | None = None) -> None:
        self.nodelist, self.values = nodelist, values or {}

    def render(self, context: Context) -> str:
        given = {name: value.resolve(context) for name, value in self.values.items()}
        with context.push(**given):
            return self.nodelist.render(context)


def link(template: Template, read: Read) -> None:
    """Put into a template, in place, what it extends and includes; `read` parses a file by its name anew."""
    layers = _layers(template, read)
    if layers:
        template.nodelist[:] = _whole(layers, read, (template.name or "",))


class Linking:
    """One template being put together: the files it stands in, and the blocks by name, outermost first."""

    def __init__(self, read: Read, chain: tuple[str, ...], blocks: dict[str, list[NodeList]]) -> None:
        self.read, self.chain, self.blocks = read, chain, blocks

    def of(self, nodes: NodeList, block: tuple[str, int] = ("", 0)) -> list[Node]:
        """Return the nodes with everything in its place; `block` is the one they stand in, and its layer."""
        return [found for node in nodes for found in self._placed(node, block)]

    def _placed(self, node: Node, block: tuple[str, int]) -> list[Node]:
        if isinstance(node, BlockNode):
            return self._block(node.name, 0, node)
        if _is_super(node):
            return self._block(block[0], block[1] + 1, node)
        if isinstance(node, IncludeNode):
            return self._included(node)
        for inner in inside(node):
            inner[:] = self.of(inner, block)
        return [node]

    def _block(self, name: str, layer: int, node: Node) -> list[Node]:
        if name in self.blocks:
            layers = self.blocks[name]
        else:
            layers = [node.nodelist] if isinstance(node, BlockNode) else []
        if layer >= len(layers):
            return []
        return _scoped(self.of(layers[layer], (name, layer)), node)

    def _included(self, node: IncludeNode) -> list[Node]:
        name = _constant(node.template)
        if not name or name in self.chain or node.isolated_context:
            return [node]
        try:
            template = self.read(name)
        except TemplateDoesNotExist:
            return [node]
        layers = _layers(template, self.read)
        if not layers:
            return [node]
        inner = _whole(layers, self.read, (*self.chain, name))
        if not _stands_anywhere(inner):
            return [node]
        return _scoped(inner, node, node.extra_context)


def inside(node: Node) -> Iterator[NodeList]:
    """Return the lists of nodes within a node."""
    if isinstance(node, IfNode):
        yield from (inner for _condition, inner in node.conditions_nodelists)
        return
    for name in getattr(node, "child_nodelists", ()):
        inner = getattr(node, name, None)
        if isinstance(inner, NodeList):
            yield inner


def _whole(layers: list[Template], read: Read, chain: tuple[str, ...]) -> list[Node]:
    """Return the nodes of the outermost layer with everything in its place, after what stands before it."""
    before = [
        node for layer in layers[:-1] for node in takewhile(lambda n: isinstance(n, TextNode), layer.nodelist)
    ]
    return before + Linking(read, chain, _blocks(layers)).of(layers[-1].nodelist)


def _layers(template: Template, read: Read) -> list[Template]:
    """Return a template and those it extends; none where that cannot be known beforehand."""
    layers = [template]
    while extends := next((n for n in layers[-1].nodelist if isinstance(n, ExtendsNode)), None):
        name = _constant(extends.parent_name)
        if not name or name in [layer.name for layer in layers]:
            return []
        try:
            layers.append(read(name))
        except TemplateDoesNotExist:
            return []
    return layers if all(map(_asks_only_for_super, layers)) else []


def _blocks(layers: list[Template]) -> dict[str, list[NodeList]]:
    blocks: dict[str, list[NodeList]] = {}
    for layer in layers:
        found: Any = layer.nodelist.get_nodes_by_type(BlockNode)
        for block in found:
            blocks.setdefault(block.name, []).append(block.nodelist)
    return blocks


def _asks_only_for_super(template: Template) -> bool:
    """Say whether `block` is nowhere spoken of but where the block below is put in."""
    nodes = template.nodelist.get_nodes_by_type(VariableNode)
    return len(SUPER.findall(template.source)) == sum(map(_is_super, nodes))


def _is_super(node: Node) -> bool:
    if not isinstance(node, VariableNode) or node.filter_expression.filters:
        return False
    return getattr(node.filter_expression.var, "lookups", None) == ("block", "super")


def _constant(expression: Any) -> str:
    """Return a name written out, or an empty text; one beside the file (./) is not looked for."""
    name = expression.var if isinstance(expression, FilterExpression) and not expression.filters else ""
    return str(name) if isinstance(name, str) and not name.startswith(".") else ""


def _scoped(nodes: list[Node], place: Node, values: dict[str, FilterExpression] | None = None) -> list[Node]:
    """Return the nodes themselves where they name nothing, else in a scope of their own."""
    if not values and all(map(_names_nothing, nodes)):
        return nodes
    scope = ScopeNode(NodeList(nodes), values)
    scope.token, scope.origin = place.token, place.origin
    return [scope]


def _names_nothing(node: Node) -> bool:
    """Say whether a node leaves no name in its context; of a node that is not known, no."""
    if isinstance(node, IfNode):
        return all(_names_nothing(inner) for nodes in inside(node) for inner in nodes)
    if isinstance(node, MAY_NAME):
        return node.asvar is None
    if isinstance(node, SimpleNode):
        return node.target_var is None and not node.takes_context
    return isinstance(node, (*OWN_SCOPE, ScopeNode)) or (
        isinstance(node, StaticNode) and node.varname is None
    )


def _stands_anywhere(nodes: list[Node]) -> bool:
    """Say whether nodes look the same in another template as in their own."""
    every = [found for node in nodes for found in node.get_nodes_by_type(Node)]
    return all(type(n).__module__.startswith(KNOWN) and not isinstance(n, REMEMBERING) for n in every)

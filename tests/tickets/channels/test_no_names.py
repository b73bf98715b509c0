"""Nobody outside a channel's folder names the channel: what it is and can do, its adapter says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from helpdesk.runtime.environment import REPOSITORY
from tickets.channels.registry import adapters

# These make rows of channels by their kind, as a person does in the settings, or measure one.
MAKERS = ("helpdesk/demo", "helpdesk/bench", "routing/benchmarks", "helpdesk/history")
OURS = ("tickets", "routing", "metrics", "helpdesk")
NAMED_BY = ("slug", "channel_slug", "slug__in", "channel__slug", "channel_slug__in", "channel__slug__in")
IN_SQL = re.compile(r"\b(?:channel_)?slug\s*(?:=|<>|IN)\s*\(?'(\w+)'")
IN_TEMPLATE = re.compile(r"\{% url ['\"](\w+):|(?:slug|way|channel) ==? ['\"](\w+)['\"]")


def files(suffix: str) -> Iterator[Path]:
    for package in OURS:
        for path in (REPOSITORY / package).rglob(f"*{suffix}"):
            place = path.relative_to(REPOSITORY).as_posix()
            if not place.startswith(("tickets/channels/", *MAKERS)) and "/migrations/" not in place:
                yield path


def constants(node: ast.AST | None) -> list[str]:
    return (
        [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        if node
        else []
    )


def is_slug(node: ast.AST) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) in NAMED_BY


def named_in(tree: ast.AST) -> Iterator[str]:
    """Yield the words to which a slug is compared, by which rows are looked up, and those in statements."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(map(is_slug, (node.left, *node.comparators))):
            yield from constants(node)
        elif isinstance(node, ast.keyword) and node.arg in NAMED_BY:
            yield from constants(node.value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from IN_SQL.findall(node.value)


def test_no_code_of_the_core_names_a_channel():
    slugs, found = set(adapters()), {}
    for path in files(".py"):
        if names := slugs & set(named_in(ast.parse(path.read_text()))):
            found[path.relative_to(REPOSITORY).as_posix()] = names
    assert not found


def test_no_statement_of_the_core_names_a_channel():
    found = {p: IN_SQL.findall(p.read_text()) for p in files(".sql")}
    assert not {path: names for path, names in found.items() if set(names) & set(adapters())}


def test_no_page_of_the_core_names_a_channel():
    found = {}
    for path in files(".html"):
        names = {
            name for pair in IN_TEMPLATE.findall(path.read_text()) for name in pair if name in adapters()
        }
        is_of_a_channel = path.parent.name in ("phone", "mailboxes", "mail")
        if names and not is_of_a_channel:
            found[path.name] = names
    # The API's own pages link to the API, which is a channel too.
    assert not {name: names for name, names in found.items() if names != {"api"}}


def test_one_channel_is_the_companys_mail():
    from tickets.models.channels.channel import MAILBOX

    assert [slug for slug, adapter in adapters().items() if adapter.is_mail] == [MAILBOX]

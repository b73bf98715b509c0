"""A package's statements name its own tables; what they read of another package comes by that one's door.

Looked at is every text in Python files (docstrings apart) and every .sql file. Migrations are left out: each
belongs to the schema of its own moment.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOORS = {
    "tickets": "read it by tickets.queries (relations, hours), or use the ORM",
    "routing": "read it by routing.queries (staffing), or use the ORM",
    "metrics": "no package below may know of metrics; use the ORM from above",
    "helpdesk": "read accounts by tickets.queries.relations.ACCOUNTS",
}
# Files that fill or measure tables themselves, where a door would be what they go round.
EXCUSED = {
    "helpdesk/bench/floor.py": "measures the bare insert of a ticket's rows",
    "helpdesk/history/load.py": "fills a million rows by COPY",
}
ANY_TABLE = "helpdesk/databases/"  # about tables whatever their name
EXPRESSION = "\0"  # stands in a text for what an f-string puts in


def find_foreign_tables(paths: Iterable[Path], root: Path = ROOT) -> list[str]:
    """Return a sentence for each text that names a table of another package than its file's."""
    found = []
    for path in paths:
        name = path.relative_to(root).as_posix()
        if name in EXCUSED:
            continue
        texts = _texts_of_python(path) if path.suffix == ".py" else [(1, _without_comments(path.read_text()))]
        package = name.partition("/")[0]
        for line, text in texts:
            for table, owner in sorted(_tables_named(text)):
                if owner != package:
                    found.append(f"{name}:{line}: names {table}, a table of {owner}: {DOORS[owner]}")
        if path.suffix == ".py" and package != "tickets" and not name.startswith(ANY_TABLE):
            found += [
                f"{name}:{line}: names a table by its model's db_table: use the owner's door or the ORM"
                for line in _tables_of_models(path)
            ]
    return found


@cache
def table_owners() -> dict[str, str]:
    """Return the package of every table, by the models."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    django.setup()
    from django.apps import apps

    owners = {}
    for model in apps.get_models(include_auto_created=True):
        package = model.__module__.partition(".")[0]
        if package in DOORS:
            owners[model._meta.db_table] = package
    return owners


def _tables_named(text: str) -> set[tuple[str, str]]:
    """Return the tables in a text with their packages; a name put together counts by its beginning."""
    owners = table_owners()
    labels = {table.partition("_")[0]: owner for table, owner in owners.items()}
    words = re.findall(rf"\b((?:{'|'.join(labels)})_(?:[a-z0-9_]*{EXPRESSION}?))", text.lower())
    named = set()
    for word in words:
        whole = re.sub(r"_id_seq$", "", word)
        if whole in owners:
            named.add((whole, owners[whole]))
        elif word.endswith(("_", EXPRESSION)) and whole.rstrip(f"_{EXPRESSION}") in labels:
            named.add((word.rstrip(EXPRESSION) + "…", labels[whole.rstrip(f"_{EXPRESSION}")]))
    return named


def _texts_of_python(path: Path) -> Iterator[tuple[int, str]]:
    """Give each text with its line: f-strings whole, docstrings left out."""
    tree = ast.parse(path.read_text())
    left_out = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            left_out |= {id(part) for part in node.values}
            yield node.lineno, "".join(_part(part) for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out:
            yield node.lineno, node.value


def _part(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else EXPRESSION


def _tables_of_models(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr == "db_table":
            yield node.lineno


def _without_comments(text: str) -> str:
    return re.sub(r"--.*", "", text)

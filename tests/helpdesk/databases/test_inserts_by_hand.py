"""Each INSERT written by hand names every column of its table that the database does not fill in itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connection

from tests.static_checks import ROOT, sources

BEGINS = re.compile(r"INSERT\s+INTO\b|\bCOPY\s+\w+\s*\(", re.IGNORECASE)
# A table of ours, perhaps with a name for this statement, and its columns.
NAMES = re.compile(r"INSERT\s+INTO\s+([a-z_]+)\s*(?:AS\s+\w+\s*)?\(([^()]*)\)", re.IGNORECASE)
SCRATCH = {"bench_floor"}  # made and dropped by the benchmark itself
BY_COPY = "helpdesk/history/load.py"  # loads by COPY; tried with a column more in test_column_defaults.py


def inserts(text: str) -> Iterator[tuple[str, set[str]]]:
    """Give table and named columns of each INSERT in a source.

    Raises:
        ValueError: an INSERT is put together in a way that cannot be checked.
    """
    for begin in BEGINS.finditer(text):
        named = NAMES.match(text, begin.start())
        if named is None:
            raise ValueError(text[begin.start() : begin.start() + 80])
        yield named[1], {column.strip().strip('"') for column in named[2].split(",")}


def required(table: str) -> set[str]:
    """Return the columns of a table that an INSERT has to name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name = %s AND is_nullable = 'NO' AND column_default IS NULL"
            " AND is_identity = 'NO' AND is_generated = 'NEVER'",
            [table],
        )
        return {name for (name,) in cursor.fetchall()}


def everywhere() -> list[tuple[str, str, set[str]]]:
    return [
        (str(path.relative_to(ROOT)), table, columns)
        for path in sources("*.py", "*.sql")
        for table, columns in inserts(path.read_text())
        if table not in SCRATCH
    ]


FOUND = everywhere()


@pytest.mark.parametrize(
    ("table", "columns"),
    [found[1:] for found in FOUND],
    ids=[f"{number} {path} {table}" for number, (path, table, _columns) in enumerate(FOUND)],
)
def test_an_insert_names_what_the_database_does_not_fill_in(table, columns, db):
    assert required(table) <= columns


def test_a_column_that_nobody_names_is_found(db):
    ((table, columns),) = inserts("INSERT INTO tickets_tag (id) VALUES (1)")
    assert required(table) - columns == {"name"}


def test_a_table_that_nobody_can_read_from_the_source_is_refused():
    with pytest.raises(ValueError, match="INSERT INTO"):
        list(inserts("INSERT INTO {table} (name) VALUES (%s)"))


def test_mail_form_and_reply_have_no_insert_by_hand():
    rooms = ("intake", "conversation", "delivery", "promises", "portal", "customers", "channels")
    ways = tuple(f"tickets/{room}/" for room in rooms)
    assert [path for path, *_ in FOUND if path.startswith(ways)] == []

"""The static check of statements: whose tables a package may name."""

import pytest

from tests.sql_border import EXCUSED, ROOT, find_foreign_tables


def found(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return find_foreign_tables([path], folder)


@pytest.mark.parametrize(
    "text",
    [
        'A = "SELECT id FROM tickets_ticket t"',
        'A = f"SELECT {columns} FROM tickets_ticket"',
        'A = "SELECT id FROM " "tickets_ticket"',
        "A = 'SELECT id FROM \"tickets_ticket\"'",
        'A = "SELECT id FROM TICKETS_TICKET"',
        'A = f"SELECT id FROM tickets_{table}"',
        'A = "SELECT id FROM tickets_" + table',
        "A = \"SELECT nextval('tickets_ticket_id_seq')\"",
        'A = f"SELECT id FROM {Ticket._meta.db_table}"',
    ],
)
def test_a_table_of_another_package_is_found_however_it_is_written(tmp_path, text):
    (sentence,) = found(tmp_path, "routing/work.py", text)
    assert sentence.startswith("routing/work.py:1: names ")


def test_the_sentence_says_which_door_to_use(tmp_path):
    (sentence,) = found(tmp_path, "metrics/sql/wall.sql", "SELECT 1 FROM routing_workitem -- tickets_ticket")
    assert "routing_workitem, a table of routing" in sentence
    assert "routing.queries" in sentence


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tickets/work.py", 'A = "SELECT id FROM tickets_ticket"'),
        ("routing/work.py", 'A = f"SELECT tickets_open_seconds(1, 2, 3) FROM {TICKETS} t"'),
        ("routing/work.py", '"""It once read tickets_ticket."""\nA = {"tickets_url": 1}'),
        ("metrics/sql/own.sql", "SELECT 1 FROM metrics_factticket"),
    ],
)
def test_own_tables_and_words_that_are_no_tables_pass(tmp_path, name, text):
    assert found(tmp_path, name, text) == []


def test_below_nobody_names_what_is_above(tmp_path):
    (sentence,) = found(tmp_path, "tickets/work.py", 'A = "SELECT id FROM metrics_factticket"')
    assert "metrics" in sentence


def test_what_is_excused_exists_and_still_needs_it():
    for name in EXCUSED:
        assert "tickets_" in (ROOT / name).read_text()

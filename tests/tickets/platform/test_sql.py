"""Handwritten SQL returns rows of a class that declares their columns."""

from typing import NamedTuple

import pytest

from tickets.platform.sql import execute_update, load_column, load_row, load_rows, load_value

pytestmark = pytest.mark.django_db


class Pair(NamedTuple):
    number: int
    word: str


def test_rows_are_named_by_their_class():
    found = load_rows(Pair, "SELECT n AS number, 'lamp' AS word FROM generate_series(1, %(n)s) n", {"n": 2})
    assert found == [Pair(1, "lamp"), Pair(2, "lamp")]


@pytest.mark.parametrize("columns", ["1 AS number", "'lamp' AS word, 1 AS number", "1 AS n, 'lamp' AS word"])
def test_a_class_that_does_not_say_the_columns_is_refused(columns):
    with pytest.raises(TypeError, match="Pair"):
        load_rows(Pair, f"SELECT {columns}")


def test_one_row_is_one_row():
    assert load_row(Pair, "SELECT 1 AS number, '' AS word") == Pair(1, "")
    with pytest.raises(ValueError, match="unpack"):
        load_row(Pair, "SELECT 1 AS number, '' AS word WHERE FALSE")


def test_arrays_may_travel_as_binary():
    class Columns(NamedTuple):
        numbers: list[int]
        shares: list[float]

    statement = "SELECT ARRAY[1, 2]::bigint[] AS numbers, ARRAY[0.5, 'inf']::float8[] AS shares"
    assert load_row(Columns, statement, as_binary=True) == Columns([1, 2], [0.5, float("inf")])


def test_a_column_and_a_value_come_without_rows():
    assert load_column(int, "SELECT generate_series(1, 3)") == [1, 2, 3]
    assert load_value(bool, "SELECT TRUE") is True


def test_a_write_says_how_many_rows_it_changed(cast):
    assert execute_update("UPDATE tickets_queue SET position = 7") > 1

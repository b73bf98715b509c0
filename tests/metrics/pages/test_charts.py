"""The geometry of charts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.pages.charts import Step, draw_line, draw_spark, round_top, scale_widths, shade_cells


def words(value):
    return f"{value:g}"


def test_a_line_runs_from_left_to_right_and_up():
    drawn = draw_line([Step("a", 0), Step("b", 50), Step("c", 100)], words=words, top=100)
    assert drawn.paths == ["M0 100L50 50L100 0"]
    assert drawn.y_labels == ["100", "75", "50", "25", "0"]
    assert drawn.x_labels == ["a", "b", "c"]


def test_a_missing_value_is_a_gap_not_a_zero():
    drawn = draw_line([Step("a", 1), Step("b", None), Step("c", 1), Step("d", 1)], words=words, top=1)
    assert drawn.paths == ["M0 0h0", "M66.67 0L100 0"]
    assert len(drawn.dots) == 3


def test_what_is_provisional_is_drawn_apart_and_joins_what_came_before():
    steps = [Step("a", 1), Step("b", 1), Step("c", 0, is_provisional=True)]
    drawn = draw_line(steps, words=words, top=1)
    assert drawn.paths == ["M0 0L50 0"]
    assert drawn.provisional == ["M50 0L100 100"]


def test_the_band_is_closed_and_needs_both_sides():
    steps = [Step("a", 0.5, 0.4, 0.6), Step("b", 0.5, 0.4, 0.6), Step("c", 0.5, None, 0.6)]
    assert draw_line(steps, words=words, top=1).bands == ["M0 40L50 40L50 60L0 60z"]


def test_many_steps_have_few_labels_with_both_ends():
    drawn = draw_line([Step(str(n), n) for n in range(90)], words=words)
    assert (drawn.x_labels[0], drawn.x_labels[-1], len(drawn.x_labels)) == ("0", "89", 6)


def test_nothing_can_be_drawn_too():
    drawn = draw_line([Step("a", None)], words=words)
    assert (drawn.paths, drawn.dots) == ([], [])
    assert draw_spark([None, 1]) == ""


def test_bars_show_the_smallest_amount():
    assert scale_widths([0, 1, 1000]) == [0, 1, 100]
    assert scale_widths([]) == []


def test_the_heat_of_a_cell_grows_with_its_count():
    cells = shade_cells({(0, 0): 1, (0, 1): 36, (1, 1): 9}, columns=2, rows=2)
    assert [(c.value, c.shade) for c in cells] == [(1, 1), (36, 6), (0, 0), (9, 3)]


@given(st.floats(0.001, 1e9))
def test_the_top_of_a_scale_is_above_and_near(peak):
    assert peak <= round_top(peak) * (1 + 1e-9)
    assert round_top(peak) <= 2 * peak * (1 + 1e-9)


@pytest.mark.parametrize(("peak", "top"), [(0, 4), (1, 1), (7, 8), (95, 100), (130, 160)])
def test_round_tops(peak, top):
    assert round_top(peak) == pytest.approx(top)

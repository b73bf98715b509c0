"""The event loop against queues whose answers are known exactly."""

import pytest

from routing.engine import Policy
from routing.simulation.analytic import POINTS, compute_errors, simulate_point, solve_exactly
from routing.simulation.policies.human_first import HumanFirst

EXACT = {
    "C1": (0.216940, 3.9049, 0),
    "C2": (0.449388, 67.4082, 0),
    "C3": (0.354333, 10.6300, 0),
    "C4": (0.369432, 3.6943, 0),
    "A1": (0.514018, 7.5624, 0.042013),
    "A2": (0.442044, 18.2926, 0.152438),
    "A3": (0.621486, 11.3429, 0.047262),
    "A4": (0.648941, 3.9636, 0.016515),
}
BY_NAME = {point.name: point for point in POINTS}


@pytest.mark.parametrize("name", EXACT)
def test_formulas_give_the_published_numbers(name):
    answer = solve_exactly(BY_NAME[name])
    assert (answer.waits, answer.mean_wait, answer.abandons) == pytest.approx(EXACT[name], rel=2e-5)


@pytest.mark.parametrize("name", EXACT)
def test_those_who_give_up_are_the_patience_rate_times_the_wait(name):
    point, answer = BY_NAME[name], solve_exactly(BY_NAME[name])
    assert answer.abandons == pytest.approx(answer.mean_wait / point.patience)


@pytest.mark.parametrize("name", ["C2", "A1", "A2"])
def test_loop_lies_within_four_standard_errors_of_the_formulas(name):
    assert all(abs(off) <= 4 for off in compute_errors(BY_NAME[name], runs=6, arrivals=3000).values())


def test_engine_agrees_with_the_formula_for_people_who_are_all_alike():
    point = BY_NAME["A2"]
    policy = Policy(breather_seconds=0, long_breather_seconds=0)
    seen = simulate_point(point, 2000, seed=5, router=HumanFirst(policy))
    assert seen.waits == pytest.approx(solve_exactly(point).waits, abs=0.1)
    assert seen.abandons == pytest.approx(solve_exactly(point).abandons, abs=0.04)

"""Parameters laid over the defaults, and what is refused with a sentence."""

import pytest

from routing.engine import Policy


def test_parameters_replace_defaults_and_leave_the_rest():
    policy = Policy.of(3, {"reserve": 0, "voice": {"target_seconds": 30}, "demand": {"fr": 0.2, "en": 0.8}})
    assert (policy.version, policy.reserve, policy.voice.target_seconds) == (3, 0.0, 30.0)
    assert policy.voice.elder_seconds == Policy().voice.elder_seconds
    assert policy.demand == (("en", 0.8), ("fr", 0.2))
    assert policy.urgency_seconds == Policy().urgency_seconds


@pytest.mark.parametrize(
    "parameters",
    [
        {"reserves": 1},
        {"version": 2},
        {"reserve": "much"},
        {"reserve": -1},
        {"reserve": True},
        {"voice": {"targets": 1}},
        {"voice": 5},
        {"speed": [1, 1]},
        {"ladder": 5},
        {"demand": {}},
        {"elder_share": 0},
        {"batch_items": 0},
    ],
)
def test_wrong_parameters_are_refused_by_name(parameters):
    with pytest.raises(ValueError, match=f"“{next(iter(parameters))}"):
        Policy.of(1, parameters)


def test_hash_changes_with_any_parameter():
    assert Policy().hash == Policy().hash
    assert len({Policy().hash, Policy(reserve=2).hash, Policy.of(1, {"mail": {"hold_seconds": 0}}).hash}) == 3

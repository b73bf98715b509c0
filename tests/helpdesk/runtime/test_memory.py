"""A serving process keeps the memory that one page after the other needs."""

import resource

from helpdesk.runtime.memory import with_deep_stack

CALLS = 200


def deep(levels, function):
    """Call a function from so many frames down."""
    return function() if levels == 0 else deep(levels - 1, function)


def small():
    """Do nothing, in a frame of its own."""


def many_small():
    for _ in range(CALLS):
        deep(3, small)


def faults(levels):
    """Return how many pages of memory many small calls fetch, that many frames down."""
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    deep(levels, many_small)
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def test_calls_at_the_edge_of_a_piece_of_the_stack_fetch_no_memory():
    roomy = with_deep_stack(faults)
    assert max(roomy(levels) for levels in range(150)) < CALLS


def test_what_goes_in_and_comes_out_is_the_same():
    assert with_deep_stack(lambda *args, **kwargs: (args, kwargs))(1, two=2) == ((1,), {"two": 2})

"""Business time: cases that other helpdesks got wrong, and properties compared with counted minutes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.hours.business_time import (
    ALWAYS_OPEN,
    Hours,
    Interval,
    Rule,
    build_intervals,
    compute_prefix_sums,
    merge_intervals,
    splice_intervals,
)

PARIS = ZoneInfo("Europe/Paris")
MINUTE = timedelta(minutes=1)
OFFICE = [Rule(day, time(9), time(12)) for day in range(5)] + [
    Rule(day, time(13), time(18)) for day in range(5)
]


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)


def hours(rules, first=date(2026, 3, 23), last=date(2026, 4, 12), zone=PARIS, closed=()) -> Hours:
    return Hours(tuple(build_intervals(rules, zone=zone, first=first, last=last, closed_days=closed)))


def by_counting(rules, start, end, zone=PARIS, closed=()) -> float:
    """Count the open minutes one by one on the wall clock (only for spans within one day)."""
    count, at = 0, start.astimezone(UTC)
    while at < end:
        local = at.astimezone(zone)
        is_open = any(
            r.weekday == local.weekday()
            and r.opens <= local.time()
            and (local.time() < r.closes or r.closes == time(0))
            for r in rules
        )
        count += is_open and local.date() not in closed
        at += MINUTE
    return count * 60.0


@pytest.mark.parametrize(
    ("start", "end", "expected_hours"),
    [
        (paris(2026, 3, 23, 11), paris(2026, 3, 23, 14), 2),  # lunch does not count
        (paris(2026, 3, 23, 12, 15), paris(2026, 3, 23, 12, 45), 0),  # wholly within lunch
        (paris(2026, 3, 27, 17), paris(2026, 3, 30, 10), 2),  # over a week-end on which the clocks change
        (paris(2026, 3, 28, 10), paris(2026, 3, 30, 9, 30), 0.5),  # created outside hours
        (paris(2026, 3, 23, 14), paris(2026, 3, 23, 10), 0),  # backwards is nothing, never negative
    ],
)
def test_durations_of_an_office(start, end, expected_hours):
    assert hours(OFFICE).seconds_between(start, end) == expected_hours * 3600


@pytest.mark.parametrize(
    ("day", "expected"), [(date(2026, 3, 29), 5), (date(2026, 10, 25), 7), (date(2026, 3, 22), 6)]
)
def test_a_night_shift_is_as_long_as_the_night_really_was(day, expected):
    night = [Rule(6, time(0), time(6))]
    opened = hours(night, first=day - timedelta(3), last=day + timedelta(3))
    start = datetime.combine(day, time(0), tzinfo=PARIS)
    assert opened.seconds_between(start, start + timedelta(hours=9)) == expected * 3600


def test_day_and_night_by_rules_loses_no_minute():
    always = [Rule(day, time(0), time(0)) for day in range(7)]
    opened = hours(always)
    assert len(opened.intervals) == 1
    assert opened.seconds_between(paris(2026, 3, 24), paris(2026, 3, 31)) == 7 * 86400 - 3600


def test_a_span_until_midnight_ends_at_midnight():
    opened = hours([Rule(0, time(9), time(0))])
    assert opened.intervals[0] == Interval(paris(2026, 3, 23, 9), paris(2026, 3, 24))
    assert opened.find_due_moment(paris(2026, 3, 23, 23), 2 * 3600) == paris(2026, 3, 30, 10)


def test_a_span_over_midnight_ends_on_the_next_day():
    opened = hours([Rule(0, time(22), time(6))])
    assert opened.seconds_between(paris(2026, 3, 23), paris(2026, 3, 25)) == 8 * 3600


def test_a_closed_day_is_cut_out_whole():
    opened = hours([Rule(day, time(22), time(6)) for day in range(7)], closed=[date(2026, 4, 6)])
    assert not opened.is_open(paris(2026, 4, 6, 0))
    assert not opened.is_open(paris(2026, 4, 6, 23))
    assert opened.is_open(paris(2026, 4, 5, 23))
    assert opened.is_open(paris(2026, 4, 7, 22))


def test_overlapping_spans_count_once():
    opened = hours([Rule(0, time(9), time(12)), Rule(0, time(11), time(14)), Rule(0, time(14), time(15))])
    assert opened.intervals[0] == Interval(paris(2026, 3, 23, 9), paris(2026, 3, 23, 15))


def test_opening_and_closing_moments():
    opened = hours(OFFICE)
    assert opened.find_next_opening(paris(2026, 3, 23, 12, 30)) == paris(2026, 3, 23, 13)
    assert opened.find_next_opening(paris(2026, 3, 23, 10)) == paris(2026, 3, 23, 10)
    assert opened.find_closing_time(paris(2026, 3, 23, 10)) == paris(2026, 3, 23, 12)
    assert not opened.is_open(paris(2026, 3, 23, 12))
    assert opened.find_next_opening(paris(2026, 5, 1)) is None


def test_what_is_never_open_has_no_due_date():
    assert Hours().find_due_moment(paris(2026, 3, 23), 60) is None
    assert hours(OFFICE).find_due_moment(paris(2026, 4, 10, 17), 2 * 3600) is None


def test_day_and_night_is_plain_time():
    assert ALWAYS_OPEN.find_due_moment(paris(2026, 3, 28, 23), 7200) == paris(2026, 3, 29, 1)
    assert ALWAYS_OPEN.seconds_between(paris(2026, 3, 29), paris(2026, 3, 30)) == 23 * 3600


def test_a_change_of_hours_leaves_the_past_as_it_was():
    change = paris(2026, 3, 25, 10)
    past, future = hours(OFFICE), hours([Rule(day, time(8), time(20)) for day in range(5)])
    both = Hours(tuple(splice_intervals(past.intervals, future.intervals, at=change)))
    assert both.seconds_between(paris(2026, 3, 23), change) == past.seconds_between(
        paris(2026, 3, 23), change
    )
    assert both.seconds_between(change, paris(2026, 3, 27)) == future.seconds_between(
        change, paris(2026, 3, 27)
    )


# Rules that stay clear of 02:00–03:00, so that counting on the wall clock means the same on every night.
minutes = st.integers(0, 24 * 60 - 1).filter(lambda m: not 110 <= m <= 190)
moments = st.integers(0, 21 * 24 * 60).map(lambda m: datetime(2026, 3, 22, 23, tzinfo=UTC) + m * MINUTE)


@st.composite
def rules_of_a_week(draw):
    found = []
    for weekday in range(7):
        edges = sorted(draw(st.sets(minutes, max_size=4)))
        for opens, closes in zip(edges[::2], edges[1::2], strict=False):
            found.append(Rule(weekday, time(opens // 60, opens % 60), time(closes // 60, closes % 60)))
    return found


@settings(max_examples=40, deadline=None)
@given(
    rules_of_a_week(),
    moments,
    st.integers(0, 3 * 24 * 60),
    st.sampled_from([PARIS, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/Halifax")]),
    st.sets(st.dates(date(2026, 3, 23), date(2026, 4, 15)), max_size=2),
)
def test_a_duration_is_what_counting_minutes_gives(rules, start, length, zone, closed):
    end = start + length * MINUTE
    opened = hours(rules, first=date(2026, 3, 20), last=date(2026, 4, 20), zone=zone, closed=closed)
    assert opened.seconds_between(start, end) == by_counting(rules, start, end, zone, closed)


@settings(max_examples=200, deadline=None)
@given(rules_of_a_week(), moments, st.integers(1, 30 * 3600))
def test_a_due_date_is_the_first_moment_with_enough_open_time(rules, start, seconds):
    opened = hours(rules, first=date(2026, 3, 20), last=date(2026, 6, 20))
    due = opened.find_due_moment(start, seconds)
    total = sum(i.seconds for i in opened.intervals)
    if due is None:
        assert total - opened.read_clock(start) < seconds
    else:
        assert opened.seconds_between(start, due) == seconds
        assert opened.seconds_between(start, due - timedelta(seconds=1)) == seconds - 1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(moments, st.integers(0, 3000)), max_size=12))
def test_intervals_are_disjoint_sorted_and_summed(spans):
    joined = merge_intervals(Interval(at, at + length * MINUTE) for at, length in spans)
    assert all(a.close_at < b.open_at for a, b in pairwise(joined))
    assert compute_prefix_sums(joined)[-1:] == [sum(i.seconds for i in joined[:-1])][: len(joined)]

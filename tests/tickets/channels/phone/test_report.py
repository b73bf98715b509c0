"""The state of a call from all that was told of it, whatever the order in which it came."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tickets.channels.phone.report import News, Told, fold

START = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def told(news, second, **more):
    at = START + timedelta(seconds=second)
    return Told(news, at, at.timestamp(), **more)


CASES = [
    ("rings", [told("started", 0)], "ringing", None),
    ("is answered and runs", [told("started", 0), told("answered", 5)], "answered", None),
    ("is answered and ends", [told("started", 0), told("answered", 5), told("ended", 65)], "answered", 60),
    ("ends without an answer", [told("started", 0), told("ended", 20)], "missed", None),
    ("is missed", [told("started", 0), told("missed", 20)], "missed", None),
    ("goes to voicemail after it was missed", [told("missed", 20), told("voicemail", 50)], "voicemail", None),
    ("goes to voicemail that answers", [told("answered", 20), told("voicemail", 50)], "voicemail", None),
    (
        "rings at two phones, one answers",
        [told("answered", 5), told("missed", 6), told("ended", 65)],
        "answered",
        60,
    ),
    (
        "is taken at the second phone",
        [told("missed", 20), told("answered", 30), told("ended", 90)],
        "answered",
        60,
    ),
    ("is busy", [told("started", 0), told("busy", 1), told("ended", 1)], "busy", None),
    (
        "is called answered by a machine, and missed by whoever dialled",
        [told("missed", 20), told("answered", 21, is_sure=False, ended_at=START + timedelta(seconds=21))],
        "missed",
        None,
    ),
    ("ends after talk", [told("ended", 60, talk_seconds=50)], "answered", 50),
    (
        "is summed up",
        [told("answered", 60, started_at=START, ended_at=START + timedelta(seconds=60), talk_seconds=45)],
        "answered",
        45,
    ),
    ("is only noted", [told("noted", 0)], "ringing", None),
]


@pytest.mark.parametrize(("what", "news", "result", "talk"), CASES, ids=[case[0] for case in CASES])
def test_call_that(what, news, result, talk):
    state = fold(news)
    spoken = state.answered_at and state.ended_at and (state.ended_at - state.answered_at).total_seconds()
    assert (state.result, spoken or None) == (result, talk)


some_news = st.builds(
    told,
    st.sampled_from([str(n) for n in News]),
    st.integers(0, 300),
    agent=st.sampled_from(["", "201", "bob@demo.example"]),
    is_sure=st.booleans(),
    talk_seconds=st.none() | st.integers(0, 300),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(some_news, min_size=1, max_size=6).flatmap(lambda n: st.tuples(st.just(n), st.permutations(n)))
)
def test_order_of_arrival_does_not_matter(both):
    assert fold(both[0]) == fold(both[1])


@given(st.lists(some_news, min_size=1, max_size=8))
def test_state_makes_sense(news):
    state = fold(news)
    assert (state.answered_at is not None) == (state.result == "answered")
    if state.answered_at and state.ended_at:
        assert state.answered_at <= state.ended_at
    if state.result == "ringing":
        assert not state.is_over


@given(some_news)
def test_news_survives_being_kept(news):
    assert Told.from_kept(news.kept()) == news


def test_later_answer_names_the_agent():
    news = [
        told("answered", 5, agent="201"),
        told("answered", 60, agent="202"),
        told("missed", 61, agent="203"),
    ]
    assert fold(news).agent == "202"

"""A provider's reports about a call, and the state that follows from all of them. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class News(StrEnum):
    """What happened to a call; the last five are also results. NOTED adds information only.

    LOST is our own report: the provider never reported the end.
    """

    NOTED = "noted"
    LOST = "lost"
    STARTED = "started"
    ENDED = "ended"
    ANSWERED = "answered"
    MISSED = "missed"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    FAILED = "failed"


UNREACHED = (News.MISSED, News.BUSY, News.FAILED)
RINGING = "ringing"
MOST_TOLD = 50


@dataclass(frozen=True)
class Told:
    """One report about a call, without phone numbers.

    `order` is the provider's sequence number, or else its time. `is_sure` is false for a report of an answer
    that may only mean that a queue, a menu or an answering machine took the call.
    """

    news: str
    at: datetime
    order: float
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    talk_seconds: int | None = None
    agent: str = ""
    is_sure: bool = True

    def kept(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        values = asdict(self).items()
        return {key: v.isoformat() if isinstance(v, datetime) else v for key, v in values if v is not None}

    @classmethod
    def from_kept(cls, kept: dict[str, Any]) -> Told:
        """Return the report from the JSON values of `kept`."""
        moments = {
            key: datetime.fromisoformat(kept[key]) for key in kept if key == "at" or key.endswith("_at")
        }
        return cls(**{**kept, **moments})


@dataclass(frozen=True)
class CallReport:
    """One message about one call, in any format.

    Numbers are as the provider wrote them. `ticket_id`, `opens_new` and `customer_id` are the choices of an
    agent who logged the call.
    """

    call_id: str
    told: Told
    direction: str = "in"
    number: str = ""
    our_number: str = ""
    name: str = ""
    note: str = ""
    transcript: str = ""
    recording_url: str = ""
    customer_id: int | None = None
    ticket_id: int | None = None
    opens_new: bool = False


@dataclass(frozen=True)
class CallState:
    """The state of a call, from all reports about it."""

    result: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    agent: str
    end_is_assumed: bool = False

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None


def fold(told: Iterable[Told]) -> CallState:
    """Return the state that follows from the reports, independent of the order of their arrival.

    The result is voicemail if any sure report says so, or else answered if one is sure of it, or else the
    last of missed, busy and failed. A report of an answer that is not sure (a queue or a menu took the call)
    is no answer: the call is ringing until it ends, and then missed.
    """
    news = sorted(told, key=lambda t: (t.order, t.at, t.news, t.agent))
    ended_at = _ended_at(news)
    assumed_at = _assumed_end(news) if ended_at is None else None
    ended_at = ended_at or assumed_at
    result = _result(news, is_over=ended_at is not None)
    answered_at = _answered_at(news, ended_at) if result == News.ANSWERED else None
    return CallState(
        result=result,
        started_at=min([t.started_at or t.at for t in news] + ([answered_at] if answered_at else [])),
        answered_at=answered_at,
        ended_at=ended_at,
        agent=_agent(news),
        end_is_assumed=assumed_at is not None,
    )


def _result(news: list[Told], *, is_over: bool) -> str:
    said = [(t.news, t.is_sure) for t in news]
    talked = any(t.talk_seconds for t in news if t.is_sure and t.news == News.ENDED)
    unreached = [word for word, is_sure in said if word in UNREACHED and is_sure]
    is_held = not is_over and (News.ANSWERED, False) in said
    if (News.VOICEMAIL, True) in said:
        return News.VOICEMAIL
    if (News.ANSWERED, True) in said or (talked and not unreached):
        return News.ANSWERED
    if unreached and not is_held:
        return unreached[-1]
    return News.MISSED if is_over else RINGING


def _ended_at(news: list[Told]) -> datetime | None:
    """Return when the call ended, or None; an answered call goes on when other phones stop ringing."""
    ends = [t.ended_at or t.at for t in news if t.news == News.ENDED or t.ended_at is not None]
    if ends:
        return max(ends)
    if any(t.news == News.ANSWERED for t in news):
        return None
    gone = [t.at for t in news if t.news in (*UNREACHED, News.VOICEMAIL)]
    return max(gone) if gone else None


def _assumed_end(news: list[Told]) -> datetime | None:
    """Return when we stopped waiting for the call's end, unless a later report arrived."""
    given_up = [t.at for t in news if t.news == News.LOST]
    last = max((t.at for t in news if t.news != News.LOST), default=None)
    return max(given_up) if given_up and (last is None or max(given_up) >= last) else None


def _answered_at(news: list[Told], ended_at: datetime | None) -> datetime:
    sure = [t for t in news if t.is_sure]
    given = [t.answered_at for t in sure if t.answered_at is not None]
    given += [_answer_in(t) for t in sure if t.news == News.ANSWERED and t.answered_at is None]
    talked = [t.talk_seconds for t in news if t.is_sure or t.news == News.ENDED]
    talk = max((seconds for seconds in talked if seconds is not None), default=None)
    if talk is not None and ended_at is not None:
        return ended_at - timedelta(seconds=talk)
    first = min(given or [ended_at or news[0].at])
    return min(first, ended_at) if ended_at else first


def _answer_in(told: Told) -> datetime:
    """Return the time of an answer; a summary at the end of the call only has its start."""
    return told.started_at or told.at if told.ended_at else told.at


def _agent(news: list[Told]) -> str:
    """Return the agent who took the call: the last in a sure report of an answer, or else in any report."""
    answering = [t.agent for t in news if t.agent and t.news == News.ANSWERED and t.is_sure]
    named = [t.agent for t in news if t.agent]
    return (answering or named or [""])[-1]

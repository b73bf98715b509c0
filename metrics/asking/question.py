"""A question to a metric: period, queues, agent and repeat window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from tickets.actor import Actor
from tickets.channels.registry import adapters
from tickets.errors import Invalid, NotAllowed
from tickets.models import Queue
from tickets.platform import typed_dates

WINDOWS = (1, 3, 7, 14, 30)
DEFAULT_WINDOW = 7
DEFAULT_DAYS = 28
LONGEST = timedelta(days=3 * 366)


@dataclass(frozen=True)
class Period:
    """Whole days, both included, in the installation's time zone."""

    first: date
    last: date
    zone: str = ""

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone or settings.TIME_ZONE)

    @property
    def start(self) -> datetime:
        """The first day's midnight."""
        return datetime.combine(self.first, time(0), tzinfo=self.zone_info).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The midnight after the last day."""
        return datetime.combine(self.last + timedelta(days=1), time(0), tzinfo=self.zone_info).astimezone(UTC)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @classmethod
    def latest(cls, days: int, *, now: datetime) -> Period:
        """Return the last `days` days, today included."""
        today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        return cls(today - timedelta(days=days - 1), today)


@dataclass(frozen=True)
class Question:
    """One question. The number, its series, its parts and the list of its tickets all answer the same one.

    `queues` are ids, never more than the asker may see. `person` limits to what one person answered or
    resolved. `weekday` (1 is Sunday, as PostgreSQL and Django count) and `hour` cut one cell of a week.
    """

    period: Period
    queues: tuple[int, ...]
    now: datetime
    window: int = DEFAULT_WINDOW
    channel: str = ""
    person: int | None = None
    weekday: int | None = None
    hour: int | None = None

    @property
    def repeat_window(self) -> timedelta:
        return timedelta(days=self.window)

    def on(self, first: date, last: date) -> Question:
        """Return the same question for other days."""
        return replace(self, period=Period(first, last, self.period.zone))


def parse_question(parameters: Mapping[str, str], *, by: Actor, now: datetime) -> Question:
    """Read a question from a page's or the API's parameters.

    They are: from, to (dates) or days, queue (slug), window (days), channel, person (id), weekday, hour.

    Raises:
        Invalid: a value that cannot be understood; the sentence names it.
        NotAllowed: a queue, or a person's figures, that the asker may not see.
    """
    return Question(
        period=_period(parameters, now=now),
        queues=_queues(parameters.get("queue", ""), by=by),
        now=now,
        window=_number(parameters, "window", DEFAULT_WINDOW, WINDOWS),
        channel=_channel(parameters.get("channel", "")),
        person=_person(parameters.get("person", ""), by=by),
        weekday=_number(parameters, "weekday", None, range(1, 8)),
        hour=_number(parameters, "hour", None, range(24)),
    )


def _period(parameters: Mapping[str, str], *, now: datetime) -> Period:
    if not parameters.get("from") and not parameters.get("to"):
        return Period.latest(_number(parameters, "days", DEFAULT_DAYS, range(1, 800)), now=now)
    latest = Period.latest(DEFAULT_DAYS, now=now)
    last = _day(parameters, "to", latest.last)
    first = _day(parameters, "from", last - timedelta(days=DEFAULT_DAYS - 1))
    if not timedelta(0) <= last - first <= LONGEST:
        raise Invalid(_("Choose a first day before the last one, at most three years apart."), code="period")
    return Period(first, last)


def _day(parameters: Mapping[str, str], name: str, default: date) -> date:
    text = parameters.get(name, "")
    if not text:
        return default
    try:
        return typed_dates.read_date(text)
    except ValueError as error:
        raise Invalid(_("Write days as 18/11/2026 or 2026-11-18."), code="period") from error


def _number[T: (int, int | None)](
    parameters: Mapping[str, str], name: str, default: T, allowed: range | tuple[int, ...]
) -> T:
    text = parameters.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 6 or int(text) not in allowed:
        raise Invalid(_one_of(name, _choices(allowed)), code=name)
    return int(text)


def _choices(allowed: range | tuple[int, ...]) -> str:
    return f"{allowed[0]}–{allowed[-1]}" if isinstance(allowed, range) else ", ".join(map(str, allowed))


def _one_of(name: str, values: str) -> str:
    return _("“%(name)s” must be one of %(values)s.") % {"name": name, "values": values}


def _queues(slug: str, *, by: Actor) -> tuple[int, ...]:
    visible = Queue.objects.visible_to(by)
    if not slug:
        return tuple(visible.order_by("pk").values_list("pk", flat=True))
    queue_ids = tuple(visible.filter(slug=slug).values_list("pk", flat=True)) if "\x00" not in slug else ()
    if not queue_ids:
        raise NotAllowed(_("You do not work in this queue, so its figures are not shown."), code="queue")
    return queue_ids


def _channel(slug: str) -> str:
    if slug and slug not in adapters():
        raise Invalid(_one_of("channel", ", ".join(adapters())), code="channel")
    return slug


def _person(text: str, *, by: Actor) -> int | None:
    """Return the agent whose figures are asked for: the reader, or somebody whom they coach."""
    if not text:
        return None
    if text == "me" and by.user_id is not None:
        return by.user_id
    if text.isascii() and text.isdecimal() and len(text) < 12:
        person = int(text)
        people = get_user_model()._default_manager
        if by.user_id is not None and (
            person == by.user_id or people.filter(pk=person, coach_id=by.user_id).exists()
        ):
            return person
    raise NotAllowed(_("A person's own figures are shown to them and to their coach only."), code="person")

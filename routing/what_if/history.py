"""Read some past days from rows into plain values that can be lived through again.

What came is every contact (a call, a chat, all that a customer sent by mail until a person answered) and
every call back; what is known of each is when it came, who took it when, and how long they had it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import mean, median
from typing import Any

from routing.models import Policy, QueueRules
from routing.simulation.recorded import Arrival, Stretch, estimate_patience
from routing.simulation.rosters import Worker
from routing.what_if import history_staff
from routing.what_if.history_queries import (
    ANSWERS,
    CALLED_BACK,
    CAME,
    FINISHED,
    LIVE_ANSWERS,
    OFFERS,
    CalledBack,
    Came,
    Moment,
    Offers,
)
from routing.what_if.history_staff import Need
from routing.what_if.problems import MOST_ARRIVALS, MOST_PEOPLE, make_refusal
from tickets.channels.registry import find_medium, find_slugs
from tickets.channels.values import Medium
from tickets.hours import opening_hours
from tickets.models import Queue
from tickets.platform.sql import load_column, load_row, load_rows

BACKLOG = timedelta(days=30)
HOURS_AFTER = timedelta(days=20)
SHORTEST_MAIL, LONGEST_MAIL = 30.0, 1800.0  # what lies outside is a click or a break, not handling
ENOUGH_OFFERS = 20
LAST_ANSWERS = 200
WEIGHTS = {0: 0.5, 1: 1.0, 2: 2.0, 3: 4.0}  # by a ticket's priority, as routing weighs it


@dataclass(frozen=True)
class Record:
    """A recorded stretch, and how much of it is known or assumed (shown by `routing.what_if.report`)."""

    stretch: Stretch
    assumed: dict[str, Any]


def load_history(
    queue_ids: Iterable[int], begin: datetime, end: datetime, *, must_exist: bool = True
) -> Record:
    """Load the requests that some queues received from `begin` to `end`, and the agents who worked then.

    Raises Invalid with a sentence where it is too much, or (`must_exist`) nothing came or nobody worked.
    """
    parameters: dict[str, Any] = {"queues": list(queue_ids), "begin": begin, "end": end}
    parameters |= {"backlog": begin - BACKLOG, "chats": find_slugs(Medium.CHAT)}
    needs = history_staff.load_needs()
    crew = history_staff.load_staff(parameters["queues"], begin, end)
    contacts = load_rows(Came, CAME, parameters | {"limit": MOST_ARRIVALS + 1})
    reader = _Reader(
        begin, needs, {entry.id: entry for entry in crew.people}, _finished(contacts, parameters)
    )
    callbacks = load_rows(CalledBack, CALLED_BACK, parameters | {"limit": MOST_ARRIVALS})
    arrivals = reader.contacts(contacts) + reader.callbacks(callbacks)
    _check(arrivals, crew, must_exist=must_exist)
    value = Policy.in_force()
    offers = load_row(Offers, OFFERS, parameters)
    enough = offers.n >= ENOUGH_OFFERS
    queues = list(Queue.objects.filter(pk__in=parameters["queues"]).select_related("calendar"))
    stretch = Stretch(
        starts_at=begin.timestamp(),
        length=(end - begin).total_seconds(),
        arrivals=tuple(sorted(arrivals, key=lambda entry: entry.at)),
        people=tuple(crew.people),
        hours={queue.pk: _hours(queue, begin, end) for queue in queues},
        answers=_answers(queues, begin),
        usual={m: getattr(value, m).handling_seconds for m in ("voice", "chat", "mail")},
        targets={m: getattr(value, m).target_seconds for m in ("voice", "chat", "mail")},
        speed=value.speed,
        transfer=value.transfer,
        chat_rates=value.chat_rates,
        answer_seconds=float(offers.seconds or 0.0) if enough else 0.0,
        decline_share=offers.refused / offers.n if enough else 0.0,
    )
    return Record(stretch, _assumed(stretch, crew, reader))


class _Reader:
    """Turns rows into arrivals; moments become seconds since the stretch began."""

    def __init__(
        self,
        begin: datetime,
        needs: dict[int, Need],
        people: dict[int, Worker],
        finished: dict[int, list[datetime]],
    ) -> None:
        self.begin, self.needs, self.people, self.finished = begin, needs, people, finished
        self.backlog = 0

    def contacts(self, rows: Iterable[Came]) -> list[Arrival]:
        return [self._contact(row) for row in rows]

    def callbacks(self, rows: Iterable[CalledBack]) -> list[Arrival]:
        return [self._callback(row) for row in rows]

    def _contact(self, row: Came) -> Arrival:
        self.backlog += row.started_at < self.begin
        medium = find_medium(row.channel_slug)
        if medium == Medium.VOICE:
            known = self._call(row)
        elif medium == Medium.CHAT:
            known = self._chat(row)
        else:
            known = {"medium": "mail", "by": row.reply_agent, "handled": self._mail_seconds(row)}
        past = {}
        if row.past is not None and row.past_at is not None:
            days = (row.started_at - row.past_at).total_seconds() / 86400
            past = {"past": row.past, "owns_case": bool(row.is_same_case), "days": days}
        target = float(row.target) if row.target and known["medium"] == "mail" else None
        return self._arrival(row, max(row.started_at, self.begin), target=target, **known, **past)

    def _call(self, row: Came) -> dict[str, Any]:
        answered, ended = row.call_answered, row.call_ended or row.ended_at
        if row.call_result is None:  # told of without a call: its contact is all that is known
            handled = _between(row.started_at, ended) if row.reply_agent else None
            return {"medium": "voice", "by": row.reply_agent, "handled": handled}
        if answered is None:
            return {"medium": "voice", "left": ended is not None, "waited": _between(row.started_at, ended)}
        waited, handled = _between(row.started_at, answered), _between(answered, row.call_ended)
        return {"medium": "voice", "by": row.call_agent, "waited": waited, "handled": handled}

    def _chat(self, row: Came) -> dict[str, Any]:
        given_at = row.given_at or row.replied_at
        ended = row.ended_at or row.closed_at
        if given_at is None:
            return {"medium": "chat", "left": ended is not None, "waited": _between(row.started_at, ended)}
        return {
            "medium": "chat",
            "by": row.chat_agent or row.reply_agent,
            "waited": _between(row.started_at, given_at),
            "handled": _between(given_at, ended),
        }

    def _mail_seconds(self, row: Came) -> float | None:
        """Return how long a mail was worked on: since its writer did something else, if that is plausible."""
        if row.replied_at is None:
            return None
        moments = self.finished.get(row.reply_agent or 0, [])
        place = bisect_left(moments, row.replied_at)
        begun = max(moments[place - 1], row.started_at) if place else row.started_at
        seconds: float = (row.replied_at - begun).total_seconds()
        return seconds if SHORTEST_MAIL <= seconds <= LONGEST_MAIL else None

    def _callback(self, row: CalledBack) -> Arrival:
        done = row.state == "closed" and row.agent_id is not None
        return self._arrival(
            row,
            row.eligible_at,
            medium="voice",
            by=row.agent_id,
            waited=_between(row.eligible_at, row.given_at),
            handled=_between(row.given_at, row.closed_at) if done else None,
            target=float(row.target) if row.target else None,
            patient=True,
        )

    def _arrival(self, row: Came | CalledBack, at: datetime, **known: Any) -> Arrival:
        need = self.needs.get(row.queue_id, Need())
        person = self.people.get(known.get("by") or 0)
        level = person.levels.get(need.skill, 0) if person and need.skill else 3
        language = "" if row.language_rule == QueueRules.Language.ANY else row.language
        return Arrival(
            at=(at - self.begin).total_seconds(),
            queue=row.queue_id,
            topic=need.skill,
            least=need.must,
            wanted=need.wish,
            language=language,
            must_speak=row.language_rule == QueueRules.Language.REQUIRED,
            weight=WEIGHTS.get(row.priority, 1.0) * (row.queue_weight or 1.0),
            level=level,
            **known,
        )


def _finished(contacts: Sequence[Came], parameters: dict[str, Any]) -> dict[int, list[datetime]]:
    """Return by person, in order, when they sent something or ended a conversation."""
    moments: dict[int, list[datetime]] = defaultdict(list)
    for moment in load_rows(Moment, FINISHED, parameters):
        moments[moment.agent_id].append(moment.at)
    for row in contacts:
        for agent, at in ((row.call_agent, row.call_ended), (row.chat_agent, row.closed_at)):
            if agent is not None and at is not None:
                moments[agent].append(at)
    return {agent: sorted(times) for agent, times in moments.items()}


def _between(begin: datetime | None, end: datetime | None) -> float | None:
    return max(0.0, (end - begin).total_seconds()) if begin and end else None


def _check(arrivals: Sequence[Arrival], crew: history_staff.RecordedStaff, *, must_exist: bool) -> None:
    if len(arrivals) > MOST_ARRIVALS:
        raise make_refusal("too_much_came")
    if crew.members > MOST_PEOPLE:
        raise make_refusal("too_many_people")
    if must_exist and not arrivals:
        raise make_refusal("nothing_came")
    if not crew.members or (must_exist and not crew.people):
        raise make_refusal("nobody_there")


def _hours(queue: Queue, begin: datetime, end: datetime) -> tuple[tuple[float, float], ...]:
    known = opening_hours.load_hours(queue.calendar, since=begin - timedelta(days=1), until=end + HOURS_AFTER)
    return tuple(
        ((span.open_at - begin).total_seconds(), (span.close_at - begin).total_seconds())
        for span in known.intervals
    )


def _answers(queues: Iterable[Queue], begin: datetime) -> dict[int, tuple[float, ...]]:
    """Return the waits of the answers just before, oldest first; live ones under minus the queue."""
    answers = {}
    for queue in queues:
        parameters = {"queue": queue.pk, "calendar": queue.calendar_id, "begin": begin, "last": LAST_ANSWERS}
        for key, statement in ((queue.pk, ANSWERS), (-queue.pk, LIVE_ANSWERS)):
            answers[key] = tuple(reversed(load_column(float, statement, parameters)))
    return answers


def _assumed(stretch: Stretch, crew: history_staff.RecordedStaff, reader: _Reader) -> dict[str, Any]:
    mails = [arrival.handled for arrival in stretch.arrivals if arrival.medium == "mail"]
    measured = [seconds for seconds in mails if seconds is not None]
    live = [arrival for arrival in stretch.arrivals if arrival.medium != "mail"]
    assumed: dict[str, Any] = {
        "contacts": len(stretch.arrivals),
        "counts": dict(Counter(arrival.medium for arrival in stretch.arrivals)),
        "people": len(crew.people),
        "members": crew.members,
        "guessed": crew.guessed,
        "elsewhere": crew.elsewhere,
        "backlog": reader.backlog,
        "mails": len(mails),
        "mails_measured": len(measured),
        "mail_seconds": round(median(measured)) if measured else round(stretch.usual["mail"]),
        "live_unknown": sum(arrival.handled is None and not arrival.left for arrival in live),
        "answer_seconds": round(stretch.answer_seconds, 1),
        "decline_share": round(stretch.decline_share, 4),
    }
    for medium in ("voice", "chat"):
        if any(arrival.medium == medium and not arrival.patient for arrival in live):
            guess = estimate_patience(live, medium)
            assumed[f"{medium}_patience"] = [round(guess.mean), guess.left, guess.is_usual]
            assumed[f"{medium}_waited"] = _waited([arrival for arrival in live if arrival.medium == medium])
    return assumed


def _waited(live: Sequence[Arrival]) -> list[float]:
    """Return recorded values to check the simulation: the mean wait of answered contacts, and who left."""
    waits = [
        arrival.waited
        for arrival in live
        if arrival.waited is not None and not arrival.left and not arrival.patient
    ]
    return [
        len(live),
        round(mean(waits), 1) if waits else 0.0,
        sum(arrival.left for arrival in live) / len(live),
    ]

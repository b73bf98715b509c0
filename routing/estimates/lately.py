"""Recent waiting times of a queue's written requests, including those that still wait."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from routing.estimates.ranges import Answers
from routing.estimates.spread import LAST_ANSWERS, Spread
from tickets.channels.registry import find_slugs
from tickets.channels.values import Medium
from tickets.models import Queue
from tickets.platform.sql import load_row
from tickets.queries.relations import CHANNELS, TICKETS

STILL_WAITING = 2_000

# Only written channels count: a call that is answered at once tells nothing about the wait for a mail.
WAITS = f"""
SELECT coalesce((SELECT array_agg(seconds) FROM (
           SELECT tickets_open_seconds(%(calendar)s, t.created_at, t.first_response_at) AS seconds
           FROM {TICKETS} t JOIN {CHANNELS} c ON c.id = t.channel_id
           WHERE t.queue_id = %(queue)s AND t.first_response_at IS NOT NULL AND NOT t.is_spam
             AND c.slug = ANY(%(slugs)s)
           ORDER BY t.updated_at DESC LIMIT %(last)s) a), '{{}}') AS answered,
       coalesce((SELECT array_agg(seconds) FROM (
           SELECT tickets_open_seconds(%(calendar)s, t.waiting_since, %(now)s) AS seconds
           FROM {TICKETS} t JOIN {CHANNELS} c ON c.id = t.channel_id
           WHERE t.queue_id = %(queue)s AND t.first_response_at IS NULL AND NOT t.is_spam
             AND t.waiting_since <= %(now)s AND t.merged_into_id IS NULL AND t.state IN ('new', 'open')
             AND c.slug = ANY(%(slugs)s)
           ORDER BY t.waiting_since LIMIT %(most)s) w), '{{}}') AS waiting
"""  # noqa: S608  (the pieces are constants)


class Waits(NamedTuple):
    """Waits in open seconds: of the latest answers, and of those who still wait."""

    answered: list[float]
    waiting: list[float]


def load_waits(queue: Queue, *, now: datetime) -> Waits:
    """Load the waits for a first answer of a queue's written requests."""
    asked = {
        "queue": queue.pk, "calendar": queue.calendar_id, "now": now, "slugs": find_slugs(Medium.MAIL),
        "last": LAST_ANSWERS, "most": STILL_WAITING,
    }  # fmt: skip
    return load_row(Waits, WAITS, asked)


def count_waits(queue: Queue, *, now: datetime) -> Answers:
    """Return the median and 80th percentile of a queue's waits, including those who still wait."""
    return Spread(*load_waits(queue, now=now)).answers()

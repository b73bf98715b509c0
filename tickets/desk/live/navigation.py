"""The desk's navigation: its lists, with the number of tickets in each, counted up to a cap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.channels.registry import desk_links
from tickets.channels.values import DeskLink
from tickets.desk.access import Desk
from tickets.models import Inbound, Outbound
from tickets.platform.sql import load_rows

CAP = 999  # the statement's limits are one more, to distinguish "999+" from 999
TROUBLED = (Outbound.State.FAILED, Outbound.State.BOUNCED)
# One statement. Each count uses a partial index of tickets_ticket, so its conditions must repeat the index's,
# and stops at the cap. Limits and queue ids are literals: psycopg prepares the statement, and a generic plan
# that does not know them is slower.
COUNTS = """
WITH mine AS (
    SELECT t.waits_on, r.seen_seq >= t.last_seq AS is_seen
    FROM tickets_ticket t LEFT JOIN tickets_reader r ON r.ticket_id = t.id AND r.user_id = %(me)s
    WHERE t.assignee_id = %(me)s AND t.state IN ('new', 'open', 'pending', 'on_hold')
        AND NOT t.is_spam AND t.merged_into_id IS NULL
    LIMIT 1000
)
SELECT queue.id AS queue,
    (SELECT count(*) FROM (
        SELECT FROM tickets_ticket
        WHERE queue_id = queue.id AND waits_on = 'us' AND NOT is_spam AND merged_into_id IS NULL
        LIMIT 1000
    ) AS w) AS total,
    (SELECT count(*) FROM (
        SELECT FROM tickets_ticket
        WHERE queue_id = queue.id AND assignee_id IS NULL AND waits_on = 'us'
            AND NOT is_spam AND merged_into_id IS NULL
        LIMIT 1000
    ) AS u) AS waiting,
    NULL AS new
FROM unnest('{{{queues}}}'::bigint[]) AS queue(id)
UNION ALL
SELECT NULL, count(*), count(*) FILTER (WHERE waits_on = 'us'),
    count(*) FILTER (WHERE waits_on = 'us' AND is_seen IS NOT TRUE)
FROM mine
"""


class Counts(NamedTuple):
    """The counts of one queue, or of the person's own work (`queue` is None).

    In a queue, `total` tickets wait for us and `waiting` of them are unassigned. Of the person's own tickets,
    `waiting` wait for their reply and `new` of those have a message that they have not seen.
    """

    queue: int | None
    total: int
    waiting: int
    new: int | None


@dataclass(frozen=True)
class Entry:
    """One line of the navigation. No number is shown if `count` is None or 0; `warns` colours the number."""

    slug: str
    name: str | Promise
    icon: str = ""
    count: int | None = None
    warns: bool = False

    @property
    def shown_count(self) -> str:
        """The count as text: "12", "999+", or nothing for an empty list."""
        if not self.count:
            return ""
        return f"{CAP}+" if self.count > CAP else str(self.count)


@dataclass(frozen=True)
class Navigation:
    """Everything the navigation shows.

    `troubles` is the number of received and sent items that need a supervisor, None for others; `new` the
    number of the person's own tickets with a message they have not seen.
    """

    own: list[Entry]
    queues: list[Entry]
    archive: list[Entry]
    troubles: int | None
    new: int

    @property
    def channel_links(self) -> list[DeskLink]:
        """The links that channels add to the navigation, such as the call log."""
        return desk_links()


def build_navigation(desk: Desk) -> Navigation:
    """Return the navigation with the counts of this person's lists: one query, or three for a supervisor."""
    counts = _load_counts(desk)
    own = counts[None]
    unassigned = sum(counts[pk].waiting for pk in desk.queues)
    return Navigation(
        own=[
            Entry("mine", _("My work"), "inbox", own.total),
            Entry("waiting", _("Waiting for me"), "clock", own.waiting),
            Entry("unassigned", _("Unassigned"), "users", min(unassigned, CAP + 1)),
        ],
        queues=[
            Entry(f"queue-{pk}", queue.label(), count=counts[pk].total)
            for pk, queue in desk.queues.items()
            if queue.is_active or counts[pk].total
        ],
        archive=[Entry("finished", _("Finished"), "check"), Entry("spam", _("Spam"), "flag")],
        troubles=count_troubles(desk) if desk.supervised else None,
        new=own.new or 0,
    )


def count_troubles(desk: Desk) -> int:
    """Count received and sent items that need a supervisor, at most CAP + 1."""
    received = Inbound.objects.visible_to(desk.actor).needing_attention().values("pk")[: CAP + 1]
    sent = find_undelivered(desk).values("pk")[: CAP + 1]
    return min(len(received) + len(sent), CAP + 1)


def find_undelivered(desk: Desk) -> Any:
    """Return the failed and bounced outbox rows of tickets this person may see, newest first.

    Administrators also get the rows that belong to no ticket.
    """
    mine = Q(ticket__in=desk.tickets)
    if desk.actor.is_administrator:
        mine |= Q(ticket=None)
    return Outbound.objects.filter(mine, state__in=TROUBLED).order_by("-pk")


def _load_counts(desk: Desk) -> dict[int | None, Counts]:
    """Return the counts by queue id, and the person's own under None."""
    statement = COUNTS.format(queues=",".join(str(int(pk)) for pk in sorted(desk.queues)))
    return {row.queue: row for row in load_rows(Counts, statement, {"me": desk.user.pk})}

"""The left side of the desk: the lists with how much waits in each, counted up to a cap, never further."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.channels.registry import desk_links
from tickets.channels.values import DeskLink
from tickets.desk.entrance import Desk
from tickets.models import Inbound, Outbound
from tickets.platform.sql import load_rows

CAP = 999  # the statement below says one more
TROUBLED = (Outbound.State.FAILED, Outbound.State.BOUNCED)
# One statement, each count by an index of its own and never beyond the cap; the conditions are those of the
# partial indexes of tickets_ticket. Limit and queues are written out: a plan is made once and must know them.
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
    """What waits in a queue: in `total`, and of it assigned to nobody; or this person's own (queue None).

    Of their own work: all of it, what `waiting` of it waits for them, and what of that is `new` to them.
    """

    queue: int | None
    total: int
    waiting: int
    new: int | None


@dataclass(frozen=True)
class Entry:
    """One line of the navigation. `count` None shows no number; `warns` colours it."""

    slug: str
    name: str | Promise
    icon: str = ""
    count: int | None = None
    warns: bool = False

    @property
    def shown_count(self) -> str:
        """The count in words; an empty list shows none."""
        if not self.count:
            return ""
        return f"{CAP}+" if self.count > CAP else str(self.count)


@dataclass(frozen=True)
class Navigation:
    """Everything the left side shows; `new` is how much of this person's work they have not seen yet."""

    own: list[Entry]
    queues: list[Entry]
    done: list[Entry]
    troubles: int | None
    new: int

    @property
    def of_channels(self) -> list[DeskLink]:
        """The pages that the channels add to the desk, such as the call log."""
        return desk_links()


def build_navigation(desk: Desk) -> Navigation:
    """Count what waits in each of this person's lists, in one query (three for who supervises)."""
    counts = _counts(desk)
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
        done=[Entry("finished", _("Finished"), "check"), Entry("spam", _("Spam"), "flag")],
        troubles=troubles(desk) if desk.supervised else None,
        new=own.new or 0,
    )


def troubles(desk: Desk) -> int:
    """Count what was received or sent and needs a supervisor, up to the cap."""
    received = Inbound.objects.visible_to(desk.actor).needing_attention().values("pk")[: CAP + 1]
    sent = failed_outgoing(desk).values("pk")[: CAP + 1]
    return min(len(received) + len(sent), CAP + 1)


def failed_outgoing(desk: Desk) -> Any:
    """Return what could not be delivered and concerns tickets this person may see, newest first."""
    mine = Q(ticket__in=desk.tickets)
    if desk.actor.is_administrator:
        mine |= Q(ticket=None)
    return Outbound.objects.filter(mine, state__in=TROUBLED).order_by("-pk")


def _counts(desk: Desk) -> dict[int | None, Counts]:
    """Return the counts by queue, and under None the person's own."""
    statement = COUNTS.format(queues=",".join(str(int(pk)) for pk in sorted(desk.queues)))
    return {row.queue: row for row in load_rows(Counts, statement, {"me": desk.user.pk})}

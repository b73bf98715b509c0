"""The left side of the desk: the lists with how much waits in each, counted up to a cap, never further."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Func, IntegerField, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.desk.entrance import Desk
from tickets.models import Inbound, Outbound, Queue, Reader, Ticket
from tickets.states import WaitsOn

CAP = 999
TROUBLED = (Outbound.State.FAILED, Outbound.State.BOUNCED)


class Cardinality(Func):
    """The number of elements of an array: with a limited subquery, a count that stops at the limit."""

    function = "cardinality"
    output_field = IntegerField()


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


def of(desk: Desk) -> Navigation:
    """Count what waits in each of this person's lists, in two queries (three for who supervises)."""
    waiting = dict(_queues(desk))
    own = _own(desk)
    return Navigation(
        own=[
            Entry("mine", _("My work"), "inbox", own["mine"]),
            Entry("waiting", _("Waiting for me"), "clock", own["waiting"]),
            Entry("unassigned", _("Unassigned"), "users", min(sum(n for _w, n in waiting.values()), CAP + 1)),
        ],
        queues=[
            Entry(f"queue-{pk}", queue.label(), count=waiting.get(pk, (0, 0))[0])
            for pk, queue in desk.queues.items()
            if queue.is_active or pk in waiting
        ],
        done=[Entry("finished", _("Finished"), "check"), Entry("spam", _("Spam"), "flag")],
        troubles=troubles(desk) if desk.supervised or desk.actor.is_administrator else None,
        new=own["new"],
    )


def troubles(desk: Desk) -> int:
    """Count what was received or sent and needs a supervisor, up to the cap."""
    received = Inbound.objects.visible_to(desk.actor).needing_a_person().values("pk")[: CAP + 1]
    sent = failed_outgoing(desk).values("pk")[: CAP + 1]
    return min(len(received) + len(sent), CAP + 1)


def failed_outgoing(desk: Desk) -> Any:
    """Return what could not be delivered and concerns tickets this person may see, newest first."""
    mine = Q(ticket__in=desk.tickets)
    if desk.actor.is_administrator:
        mine |= Q(ticket=None)
    return Outbound.objects.filter(mine, state__in=TROUBLED).order_by("-pk")


def _queues(desk: Desk) -> list[tuple[int, tuple[int, int]]]:
    """Return, for each queue, how many wait on us there, and how many of them have nobody."""
    rows = Ticket.objects.active().filter(queue=OuterRef("pk"), waits_on=WaitsOn.US)
    free = Ticket.objects.waiting_on_us().filter(queue=OuterRef("pk"), assignee=None)
    counted = Queue.objects.filter(pk__in=desk.queues).values_list("pk", _capped(rows), _capped(free))
    return [(pk, (waiting, unassigned)) for pk, waiting, unassigned in counted.order_by()]


def _own(desk: Desk) -> dict[str, int]:
    mine = Ticket.objects.active().filter(assignee=desk.user)
    seen = Reader.objects.filter(user=desk.user, ticket=OuterRef("pk"), seen_seq__gte=OuterRef("last_seq"))
    rows = mine.order_by().values_list("waits_on", Exists(seen))[: CAP + 1]
    on_us = [is_seen for waits_on, is_seen in rows if waits_on == WaitsOn.US]
    return {"mine": len(rows), "waiting": len(on_us), "new": on_us.count(False)}


def _capped(rows: Any) -> Cardinality:
    return Cardinality(ArraySubquery(rows.order_by().values("pk")[: CAP + 1]))

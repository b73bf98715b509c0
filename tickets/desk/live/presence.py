"""Two people in one ticket see each other: a row each with 30 s to live, and a hint when that changes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tickets.desk.entrance import Desk
from tickets.models import Reader, Ticket
from tickets.platform import tasks_on_commit

# Two windows of one person tell their places side by side, and the older news may come last.
PLACE = """
INSERT INTO tickets_reader (ticket_id, user_id, seen_seq, at, is_writing) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (ticket_id, user_id) DO UPDATE
SET seen_seq = GREATEST(tickets_reader.seen_seq, EXCLUDED.seen_seq),
    at = EXCLUDED.at, is_writing = EXCLUDED.is_writing
"""


@dataclass(frozen=True)
class Colleague:
    """Somebody else who has the ticket open now."""

    name: str
    is_writing: bool

    @property
    def words(self) -> str:
        words = _("%(name)s is writing") if self.is_writing else _("%(name)s is reading")
        return words % {"name": self.name}


def beat(ticket: Ticket, desk: Desk, *, seen_seq: int, is_writing: bool) -> None:
    """Note that this person's page shows the ticket, up to message `seen_seq`, and whether they write.

    Others are told only when that is news; a lost hint costs at most one beat.
    """
    here = Reader.objects.present(desk.now).filter(ticket=ticket, user=desk.user)
    was = here.values_list("is_writing", flat=True).first()
    _place(ticket, desk, seen_seq=seen_seq, is_writing=is_writing)
    if was is None or was != is_writing:
        tasks_on_commit.enqueue("tickets.tasks.announce_readers", ticket.pk)


def leave(ticket: Ticket, desk: Desk) -> None:
    """Note that this person's page shows the ticket no more."""
    if Reader.objects.filter(ticket=ticket, user=desk.user).update(at=None, is_writing=False):
        tasks_on_commit.enqueue("tickets.tasks.announce_readers", ticket.pk)


def colleagues(ticket: Ticket, desk: Desk) -> list[Colleague]:
    """Return who else has the ticket open, those who write first."""
    named = _others(ticket, desk)
    return [Colleague(name or email, is_writing) for name, email, is_writing in named]


def _others(ticket: Ticket, desk: Desk) -> QuerySet[Reader, tuple[str, str, bool]]:
    others = Reader.objects.present(desk.now).filter(ticket=ticket).exclude(user=desk.user)
    named = others.order_by("-is_writing", "user_id")
    return named.values_list("user__name", "user__email", "is_writing")


def _place(ticket: Ticket, desk: Desk, *, seen_seq: int, is_writing: bool) -> None:
    seen_seq = min(max(seen_seq, 0), ticket.last_seq)
    with connection.cursor() as cursor:
        cursor.execute(PLACE, [ticket.pk, desk.user.pk, seen_seq, desk.now, is_writing])

"""Who reads or writes in a ticket now: one row per person, valid for 30 s, and a hint when it changes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from tickets.desk.access import Desk
from tickets.models import Reader, Ticket
from tickets.platform import tasks_on_commit

# GREATEST, because two windows of one person may report at once, and the older report may arrive last.
UPSERT_READER = """
INSERT INTO tickets_reader (ticket_id, user_id, seen_seq, at, is_writing) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (ticket_id, user_id) DO UPDATE
SET seen_seq = GREATEST(tickets_reader.seen_seq, EXCLUDED.seen_seq),
    at = EXCLUDED.at, is_writing = EXCLUDED.is_writing
"""


@dataclass(frozen=True)
class Colleague:
    """Another person who has the ticket open now."""

    name: str
    is_writing: bool

    @property
    def words(self) -> str:
        words = _("%(name)s is writing") if self.is_writing else _("%(name)s is reading")
        return words % {"name": self.name}


def record_reader(ticket: Ticket, desk: Desk, *, seen_seq: int, is_writing: bool) -> None:
    """Record that this person reads the ticket up to message `seen_seq`, and whether they write.

    Other readers get a hint only if that changed; after a lost hint they see it at their next heartbeat.
    """
    present = Reader.objects.present(desk.now).filter(ticket=ticket, user=desk.user)
    was_writing = present.values_list("is_writing", flat=True).first()
    _upsert_reader(ticket, desk, seen_seq=seen_seq, is_writing=is_writing)
    if was_writing is None or was_writing != is_writing:
        tasks_on_commit.enqueue("tickets.tasks.announce_readers", ticket.pk)


def remove_reader(ticket: Ticket, desk: Desk) -> None:
    """Record that this person has closed the ticket, and send a hint to its other readers."""
    if Reader.objects.filter(ticket=ticket, user=desk.user).update(at=None, is_writing=False):
        tasks_on_commit.enqueue("tickets.tasks.announce_readers", ticket.pk)


def load_colleagues(ticket: Ticket, desk: Desk) -> list[Colleague]:
    """Return the other people who have the ticket open, those who write first."""
    others = Reader.objects.present(desk.now).filter(ticket=ticket).exclude(user=desk.user)
    rows = others.order_by("-is_writing", "user_id").values_list("user__name", "user__email", "is_writing")
    return [Colleague(name or email, is_writing) for name, email, is_writing in rows]


def _upsert_reader(ticket: Ticket, desk: Desk, *, seen_seq: int, is_writing: bool) -> None:
    seen_seq = min(max(seen_seq, 0), ticket.last_seq)
    with connection.cursor() as cursor:
        cursor.execute(UPSERT_READER, [ticket.pk, desk.user.pk, seen_seq, desk.now, is_writing])

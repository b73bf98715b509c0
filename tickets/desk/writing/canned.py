"""Canned responses: texts an agent may start a message from, with names filled in."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as _

from tickets.desk.entrance import Desk
from tickets.errors import Invalid
from tickets.models import Company, Macro, Ticket
from tickets.platform import placeholders


class Canned(NamedTuple):
    """One of them as it goes into the composer, and the placeholders in it that nobody fills in."""

    name: str
    text: str
    unfilled: list[str]


def load_canned(ticket: Ticket, desk: Desk) -> list[Canned]:
    """Return the canned responses for a ticket, in its language, by name."""
    for_queue = Macro.objects.filter(is_active=True, queue=ticket.queue_id)
    rows = Macro.objects.filter(is_active=True, queue__isnull=True) | for_queue
    values = {
        "customer": ticket.customer.name,
        "agent": desk.user.short_name,
        "queue": ticket.queue.label(ticket.language),
        "company": Company.current().name,
        "number": str(ticket.number),
    }
    found = [_filled(row, ticket.language, values) for row in rows]
    return sorted(found, key=lambda canned: canned.name.casefold())


def refuse_unfilled(text: str, desk: Desk) -> None:
    """Refuse a reply that still has a placeholder of a canned response that nobody fills in.

    Braces that an agent has written are no placeholders: only those of stored texts count.

    Raises:
        Invalid: with a sentence that names what is to be replaced.
    """
    written = placeholders.find_unknown(text, ())
    if not written:
        return
    rows = Macro.objects.filter(queue__isnull=True) | Macro.objects.filter(queue__in=desk.queues)
    stored = {name for row in rows for name in row.unknown_placeholders}
    if unfilled := [name for name in written if name in stored]:
        sentence = _("Replace %(names)s with your own words before you send: nothing is filled in there.")
        raise Invalid(sentence % {"names": ", ".join(unfilled)}, code="unfilled")


def _filled(row: Macro, language: str, values: dict[str, str]) -> Canned:
    text = row.text(language)
    return Canned(
        row.label(), placeholders.fill_placeholders(text, values), placeholders.find_unknown(text, values)
    )

"""Canned responses: prepared texts with placeholders, which agents put into their messages."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as _

from tickets.desk.access import Desk
from tickets.errors import Invalid
from tickets.models import Company, Macro, Ticket
from tickets.platform import placeholders


class CannedResponse(NamedTuple):
    """A canned response with its placeholders filled in, and the names of those that could not be."""

    name: str
    text: str
    unfilled: list[str]


def load_canned_responses(ticket: Ticket, desk: Desk) -> list[CannedResponse]:
    """Return the canned responses for a ticket's queue, in the ticket's language, sorted by name."""
    for_queue = Macro.objects.filter(is_active=True, queue=ticket.queue_id)
    rows = Macro.objects.filter(is_active=True, queue__isnull=True) | for_queue
    values = {
        "customer": ticket.customer.name,
        "agent": desk.user.short_name,
        "queue": ticket.queue.label(ticket.language),
        "company": Company.current().name,
        "number": str(ticket.number),
    }
    responses = [_fill_response(row, ticket.language, values) for row in rows]
    return sorted(responses, key=lambda response: response.name.casefold())


def refuse_unfilled(text: str, desk: Desk) -> None:
    """Refuse a reply in which a placeholder of a canned response has not been replaced.

    Other words in braces are allowed: only placeholders that occur in the canned responses count.

    Raises:
        Invalid: the sentence names the placeholders to replace.
    """
    names_in_text = placeholders.find_unknown(text, ())
    if not names_in_text:
        return
    rows = Macro.objects.filter(queue__isnull=True) | Macro.objects.filter(queue__in=desk.queues)
    known_names = {name for row in rows for name in row.unknown_placeholders}
    if unfilled := [name for name in names_in_text if name in known_names]:
        sentence = _("Replace %(names)s with your own words before you send: nothing is filled in there.")
        raise Invalid(sentence % {"names": ", ".join(unfilled)}, code="unfilled")


def _fill_response(row: Macro, language: str, values: dict[str, str]) -> CannedResponse:
    text = row.text(language)
    return CannedResponse(
        row.label(), placeholders.fill_placeholders(text, values), placeholders.find_unknown(text, values)
    )

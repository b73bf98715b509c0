"""Calls on a ticket's timeline: the ticket's own, and those of its customer that belong to no ticket."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tickets import wording
from tickets.actor import Actor
from tickets.desk.page.sentences import Line
from tickets.models import Call, Ticket

SHOWN = 50


def load_calls(ticket: Ticket, actor: Actor) -> list[Call]:
    """Return the newest calls on a ticket's timeline that `actor` may see, at most 50, newest first."""
    rows = Call.objects.visible_to(actor).on_timeline(ticket.pk, ticket.customer_id)
    return list(rows.select_related("agent").order_by("-started_at")[:SHOWN])


def describe_call(call: Call, *, me: int | None) -> Line:
    """Describe a call in one line of the timeline, with its note; `me` is the reader's account id."""
    icon = "voicemail" if call.result == Call.Result.VOICEMAIL else "phone"
    return Line(icon, summarise_call(call, me=me), call.note)


def summarise_call(call: Call, *, me: int | None) -> str:
    """Return a call in words, such as "Called, 4 min with Alice" or "Missed call"."""
    if call.result == Call.Result.ANSWERED:
        return _answered(call, me)
    if call.result == Call.Result.RINGING:
        return call.in_words()
    if call.direction == Call.Direction.INBOUND:
        return _("Left a voicemail") if call.result == Call.Result.VOICEMAIL else _("Missed call")
    return _("Tried to call: %(result)s") % {"result": call.get_result_display()}


def _answered(call: Call, me: int | None) -> str:
    if call.talk_seconds is None:
        return call.in_words()
    incoming = call.direction == Call.Direction.INBOUND
    agent = call.agent
    name = "" if agent is None else _("you") if agent.pk == me else str(agent)
    length = wording.format_length(call.talk_seconds)
    if not name:
        words = _("Called us, %(length)s") if incoming else _("Was called, %(length)s")
    else:
        words = _("Called, %(length)s with %(name)s") if incoming else _("Was called by %(name)s, %(length)s")
    return words % {"length": length, "name": name}

"""Calls on the timeline: those of a ticket, and those of its customer that belong to no ticket."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tickets import wording
from tickets.actor import Actor
from tickets.desk.page.sentences import Line
from tickets.models import Call, Ticket

SHOWN = 50


def of_ticket(ticket: Ticket, actor: Actor) -> list[Call]:
    """Return the newest calls that stand on a ticket's timeline for this reader."""
    rows = Call.objects.visible_to(actor).on_timeline(ticket.pk, ticket.customer_id)
    return list(rows.select_related("agent").order_by("-started_at")[:SHOWN])


def line_of(call: Call, *, me: int | None) -> Line:
    """Say a call in one line: who called whom, for how long, and what was noted."""
    icon = "voicemail" if call.result == Call.Result.VOICEMAIL else "phone"
    return Line(icon, summary(call, me=me), call.note)


def summary(call: Call, *, me: int | None) -> str:
    """Return "Call, 4 min with Alice" or "Missed call"."""
    if call.result == Call.Result.ANSWERED:
        return _answered(call, me)
    if call.result == Call.Result.RINGING:
        return call.in_words()
    if call.direction == Call.Direction.INBOUND:
        return _("Left a voicemail") if call.result == Call.Result.VOICEMAIL else _("Missed call")
    return _("Tried to call: %(result)s") % {"result": call.get_result_display()}


def _answered(call: Call, me: int | None) -> str:
    incoming = call.direction == Call.Direction.INBOUND
    agent = call.agent
    name = "" if agent is None else _("you") if agent.pk == me else str(agent)
    length = wording.format_length(call.talk_seconds or 0)
    if not name:
        what = _("Called us, %(length)s") if incoming else _("Was called, %(length)s")
    else:
        what = _("Called, %(length)s with %(name)s") if incoming else _("Was called by %(name)s, %(length)s")
    return what % {"length": length, "name": name}

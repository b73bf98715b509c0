"""One call, from all reports about it: its row, its place on a ticket's timeline, and the consequences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import translation
from django.utils.translation import gettext as _

from tickets.actor import Actor
from tickets.channels.base import Placed
from tickets.channels.phone import aftermath, missed, readings
from tickets.channels.phone.report import MOST_TOLD, CallReport, CallState, Told, fold
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import phone_numbers
from tickets.intake import append, open_ticket
from tickets.intake.arrivals import Arrival
from tickets.intake.threading import Match, Verdict
from tickets.models import Call, Channel, Customer, Inbound, Message, Ticket
from tickets.platform import locks
from tickets.platform.locks import KeyedLock

CHOSEN = "chosen_by_agent"


def place_call(arrival: Arrival) -> Placed:
    """Record a report about a call, and assign the call to a ticket.

    A call that is still ringing has a row, but no ticket yet. An incoming call joins the caller's only
    active ticket, or opens one; an outgoing call belongs to the ticket it was made for, if any.
    """
    report: CallReport = arrival.source.details
    channel = arrival.row.channel
    locks.acquire_keyed_lock(KeyedLock.CALL, f"{channel.pk}:{report.call_id}")
    call = Call.objects.filter(channel=channel, external_id=report.call_id).first()
    was = call.result if call else ""
    call, state = _note(call or _new(arrival, report), report, arrival)
    if call.direction == Call.Direction.INBOUND:
        placed = _place_incoming(call, report, arrival)
    else:
        placed = _place_outgoing(call, report, arrival)
    aftermath.apply_call_result(call, state, was=was, now=arrival.now)
    return placed


def _new(arrival: Arrival, report: CallReport) -> Call:
    sender = arrival.source.sender
    return Call(
        channel=arrival.row.channel,
        external_id=report.call_id,
        direction=report.direction,
        customer=arrival.customer,
        customer_number=(sender.value if sender.kind == "phone" else "")[:20],
        our_number=_short(report.our_number),
    )


def _note(call: Call, report: CallReport, arrival: Arrival) -> tuple[Call, CallState]:
    """Add a report to the call, and save the state that follows from all reports."""
    kept = report.told.kept()
    if kept not in call.told:
        call.told = [*call.told, kept][-MOST_TOLD:]
    state = fold(Told.from_kept(told) for told in call.told)
    call.result = state.result
    call.started_at, call.answered_at, call.ended_at = state.started_at, state.answered_at, state.ended_at
    call.end_is_assumed = state.end_is_assumed
    call.agent = agent_called(call.channel, state.agent) or call.agent
    call.recording_url = call.recording_url or _address(report.recording_url)
    if report.note and report.note not in call.note:
        call.note = f"{call.note}\n{report.note}".strip()
    call.save()
    return call, state


def _place_incoming(call: Call, report: CallReport, arrival: Arrival) -> Placed:
    if call.ticket is not None and call.message is not None:
        _say_again(call, report)
        return Placed(Inbound.State.ATTACHED, "same_call", call.ticket, call.message)
    if call.result == Call.Result.RINGING:
        return Placed(Inbound.State.IGNORED, "still_ringing")
    ticket, layer = _ticket_of(call, report, arrival)
    if ticket is not None and layer == missed.LAYER:
        arrival = replace(arrival, customer=ticket.customer)
        call.customer = ticket.customer
    message = _append(call, report, arrival, ticket, layer)
    call.ticket, call.message, call.contact = message.ticket, message, message.contact
    call.save(update_fields=["ticket", "message", "contact", "customer"])
    readings.apply_earlier_choice(call)
    if ticket is not None and call.result != Call.Result.ANSWERED:
        missed.update_subject_count(call, ticket, arrival=arrival)
    _write_note(call, report, arrival)
    if layer:
        return Placed(Inbound.State.ATTACHED, layer, message.ticket, message)
    return Placed(Inbound.State.OPENED, "new_call", message.ticket, message)


def _place_outgoing(call: Call, report: CallReport, arrival: Arrival) -> Placed:
    if call.ticket is None:
        call.ticket, layer = _ticket_of(call, report, arrival)
        call.save(update_fields=["ticket"])
        if report.opens_new and call.ticket is None and call.agent is not None:
            call.ticket = _start(call, arrival)
            call.save(update_fields=["ticket"])
            return Placed(Inbound.State.OPENED, "new_call", call.ticket)
        return Placed(Inbound.State.ATTACHED, layer or "outgoing_call", call.ticket)
    return Placed(Inbound.State.ATTACHED, "same_call", call.ticket)


def _ticket_of(call: Call, report: CallReport, arrival: Arrival) -> tuple[Ticket | None, str]:
    """Return a call's ticket and the rule that found it: the agent's choice, or the caller's only active one.

    Nothing is guessed: none for a number that several customers share, or a caller with two active tickets.
    """
    if report.ticket_id is not None:
        chosen = Ticket.objects.filter(pk=report.ticket_id).first()
        if chosen is not None:
            return chosen, CHOSEN
    if report.opens_new or not call.customer_number:
        return None, ""
    if not call.is_ours and (waiting := missed.find_waiting_ticket(call, arrival)) is not None:
        return waiting, missed.LAYER
    found = open_ticket.find_only_open_ticket(arrival)
    return (found, open_ticket.LAYER) if found is not None else (None, "")


def _append(call: Call, report: CallReport, arrival: Arrival, ticket: Ticket | None, layer: str) -> Message:
    language = ticket.language if ticket else arrival.language
    with translation.override(language):
        source = replace(arrival.source, text=_text(call, report), subject=_subject(call))
    spoken = replace(arrival, source=source)
    if ticket is None:
        return append.open_ticket(spoken, Match(Verdict.OPEN)).message
    return append.append(ticket, spoken, layer=layer)


def _say_again(call: Call, report: CallReport) -> None:
    """Update the text of the call's message on the timeline."""
    message, ticket = call.message, call.ticket
    if message is None or ticket is None:
        return
    with translation.override(ticket.language):
        text = _text(call, report) if report.transcript else _text_kept(call, message)
    if text != message.text:
        message.text = text
        message.save(update_fields=["text"])


def _text(call: Call, report: CallReport) -> str:
    """Return the text of the call's message, with a voicemail's transcript, but without an agent's note."""
    return f"{call.in_words()}\n\n{report.transcript}".strip()


def _text_kept(call: Call, message: Message) -> str:
    _line, gap, transcript = message.text.partition("\n\n")
    return f"{call.in_words()}{gap}{transcript}"


def _subject(call: Call) -> str:
    who = phone_numbers.format_number(call.customer_number) or _("a withheld number")
    if call.result == Call.Result.ANSWERED:
        return _("Call from %(who)s") % {"who": who}
    if call.result == Call.Result.VOICEMAIL:
        return _("Voicemail from %(who)s") % {"who": who}
    return missed.build_subject(who, 1)


def _write_note(call: Call, report: CallReport, arrival: Arrival) -> None:
    """Add an agent's summary of the call as an internal note, which the customer never sees."""
    if report.note and call.agent is not None and call.ticket is not None:
        replies.note(call.ticket, Words(report.note), by=Actor.for_user(call.agent), now=arrival.now)


def _start(call: Call, arrival: Arrival) -> Ticket:
    """Open a ticket for a call that an agent made to a customer, without a mail to them."""
    customer = Customer.objects.prefetch_related("identities").get(pk=arrival.customer.pk)
    with translation.override(customer.language or call.channel.language):
        subject = _("Our call to %(who)s") % {"who": phone_numbers.format_number(call.customer_number)}
    return replies.start_conversation(
        call.channel.queue,
        customer,
        subject=subject,
        text="",
        by=Actor.for_user(call.agent),
        now=arrival.now,
        channel=call.channel,
        send=False,
    )


def agent_called(channel: Channel, reference: str) -> Any | None:
    """Return the active account with the mail address or extension in a report, or None."""
    if not reference:
        return None
    extensions = channel.options.get("extensions") or {}
    address = str(extensions.get(reference, reference) if isinstance(extensions, dict) else reference)
    return get_user_model().objects.filter(email__iexact=address, is_active=True).first()


def _short(number: str) -> str:
    return number.strip()[:20]


def _address(url: str) -> str:
    """Return the URL of a recording if it begins with https://, or an empty text."""
    return url if url.startswith("https://") else ""

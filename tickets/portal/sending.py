"""From a filled form to the one door in: the raw document, its key, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from tickets import prepared
from tickets.channels.registry import form_slugs
from tickets.channels.web.adapter import build_document
from tickets.clock import database_now
from tickets.intake import receive
from tickets.intake.receive import Outcome
from tickets.models import Channel, Inbound, Message, Participant
from tickets.models.channels.channel import MAILBOX
from tickets.portal.forms import CallbackForm, ReplyForm, RequestForm


class Doors(NamedTuple):
    """What stands open: the form's channels, one for each queue, our mailboxes, and when that was read."""

    channels: list[Channel]
    mailboxes: list[Channel]
    now: datetime


def channels() -> list[Channel]:
    """Return the open web channels, one for each queue they lead to."""
    return doors().channels


def doors() -> Doors:
    """Read the doors and the database's present time, in one query."""
    by_queue: dict[int, Channel] = {}
    rows = prepared.load_form_channels((MAILBOX, *form_slugs()))
    for channel in rows:
        if not channel.is_mailbox and channel.is_active and channel.queue.is_active:
            by_queue.setdefault(channel.queue_id, channel)
    mailboxes = [channel for channel in rows if channel.is_mailbox]
    return Doors(list(by_queue.values()), mailboxes, rows[0].read_at if rows else database_now())


def request(
    form: RequestForm, doors: Doors, *, was_sent: bool, language: str, signed_in_as: str = ""
) -> Outcome:
    """Take in a request. The same form again (`was_sent`) is the same ticket; changed words join it.

    `signed_in_as` is the address that this device came by a mailed link of, or an empty text: what the form
    says of its sender is proved only where it is that one.
    """
    channel, data = form.channel(), form.cleaned_data
    key = key_of(data["token"])
    sent: dict[str, Any] = {
        "email": data["email"],
        "name": data["name"],
        "subject": data["subject"],
        "text": data["text"],
        "language": language,
        "decoy": data["website"],
    }
    if signed_in_as and signed_in_as == data["email"]:
        sent["signed_in"] = True
    raw = build_document(sent, form.uploads())
    is_proved = "signed_in" in sent
    earlier = _earlier(channel, key, raw, data["email"], is_proved=is_proved) if was_sent else None
    if earlier is not None:
        raw = build_document({**sent, "follows": earlier}, form.uploads())
    return receive.receive(channel, raw, source_key=key, now=doors.now, mailboxes=doors.mailboxes)


def key_of(token: str) -> str:
    """Return the ledger's key of a form."""
    return f"form-{token}"


def received(token: str, doors: Sequence[Channel]) -> Inbound | None:
    """Return the ledger row of a form that has already been sent, or None."""
    rows = Inbound.objects.filter(channel__in=doors, source_key=key_of(token))
    return rows.select_related("ticket").order_by("pk").first()


def callback(
    form: CallbackForm, doors: Doors, *, language: str, participant: Participant | None = None
) -> Outcome:
    """Take in a wish to be called back, by the first channel.

    From the page of a request it belongs to that request, and to the `participant` whose link opened it.
    """
    data, window = form.cleaned_data, form.chosen()
    sent: dict[str, Any] = {
        "email": data["email"],
        "name": data["name"],
        "subject": "",
        "text": data["text"],
        "language": language,
        "decoy": data["website"],
        "callback": {
            "number": data["number"],
            "from_at": window.from_at.isoformat(),
            "until_at": window.until_at.isoformat(),
        },
    }
    channel, key = doors.channels[0], key_of(data["token"])
    if participant is not None:
        channel = _channel_of(participant)
        sent["email"], sent["name"] = participant.address, participant.customer.name
        sent["participant"] = {"customer": participant.customer_id, "ticket": participant.ticket_id}
    raw = build_document(sent)
    return receive.receive(channel, raw, source_key=key, now=doors.now, mailboxes=doors.mailboxes)


def further_word(form: ReplyForm, participant: Participant, *, now: datetime, text: str = "") -> Outcome:
    """Take in what a participant writes on their page; `text` stands in for an empty field."""
    data, uploads = form.cleaned_data, form.uploads()
    words = data["text"].strip() or text
    sent = {
        "email": participant.address,
        "name": participant.customer.name,
        "text": words,
        "language": participant.ticket.language,
        "participant": {"customer": participant.customer_id, "ticket": participant.ticket_id},
    }
    # The same words of the same form are the same message; changed words are another one.
    content = hashlib.sha256(build_document(sent, uploads)).hexdigest()
    sent["client_id"] = str(uuid5(NAMESPACE_URL, f"{data['token']}/{content}"))
    return receive.receive(
        _channel_of(participant), build_document(sent, uploads), source_key=f"page-{data['token']}", now=now
    )


def _channel_of(participant: Participant) -> Channel:
    """Return the channel that what is written on a page arrives by: a web one, else the ticket's own."""
    open_ones = channels()
    mine = [c for c in open_ones if c.queue_id == participant.ticket.queue_id] or open_ones
    return mine[0] if mine else participant.ticket.channel


def _earlier(channel: Channel, key: str, raw: bytes, email: str, *, is_proved: bool) -> dict[str, int] | None:
    """Return the ticket that the same form has opened with other words, of the same address.

    Whoever only types speaks for nobody who has proved an address there meanwhile.
    """
    digest = hashlib.sha256(raw).hexdigest()
    rows = Inbound.objects.filter(channel=channel, source_key=key, ticket__isnull=False)
    row = rows.exclude(body_digest=digest).order_by("id").first()
    if row is None or rows.filter(body_digest=digest).exists():
        return None
    first = Message.objects.filter(inbound=row, from_address=email).first()  # reached: by the form's key
    if first is None or first.author_customer_id is None:
        return None
    part = Participant.objects.filter(ticket=first.ticket_id, customer=first.author_customer_id)
    if not is_proved and part.exclude(identity__verified_at=None).exists():
        return None
    return {"customer": first.author_customer_id, "ticket": first.ticket_id}

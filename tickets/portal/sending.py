"""Pass submitted forms to intake: each as a raw document with a key, which makes a repeat recognisable."""

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
from tickets.models import Callback, Channel, Inbound, Message, Participant
from tickets.models.channels.channel import MAILBOX
from tickets.portal import repeated
from tickets.portal.forms import CallbackForm, ReplyForm, RequestForm


class Doors(NamedTuple):
    """The open channels of the form, one for each queue, our mailboxes, and the time of reading."""

    channels: list[Channel]
    mailboxes: list[Channel]
    now: datetime


def load_channels() -> list[Channel]:
    """Return the open channels of the web form, one for each queue."""
    return load_doors().channels


def load_doors() -> Doors:
    """Load the open channels and the database's time, in one query."""
    by_queue: dict[int, Channel] = {}
    rows = prepared.load_form_channels((MAILBOX, *form_slugs()))
    for channel in rows:
        if not channel.is_mailbox and channel.is_active and channel.queue.is_active:
            by_queue.setdefault(channel.queue_id, channel)
    mailboxes = [channel for channel in rows if channel.is_mailbox]
    return Doors(list(by_queue.values()), mailboxes, rows[0].read_at if rows else database_now())


def receive_request(
    form: RequestForm, doors: Doors, *, was_sent: bool, language: str, signed_in_as: str = ""
) -> Outcome:
    """Receive a request. A form that was sent before (`was_sent`) adds to its ticket if its text changed.

    `signed_in_as` is the address whose mailed link this device opened, or an empty text: the sender's typed
    address is verified only if it is the same.
    """
    channel, data = form.channel(), form.cleaned_data
    key = build_key(data["token"])
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
    earlier = _find_earlier(channel, key, raw, data["email"], data["text"], is_proved) if was_sent else None
    if earlier is not None:
        raw = build_document({**sent, "follows": earlier}, form.uploads())
    return receive.receive(channel, raw, source_key=key, now=doors.now, mailboxes=doors.mailboxes)


def build_key(token: str) -> str:
    """Return the ledger's key for a form's token."""
    return f"form-{token}"


def find_received(token: str, doors: Sequence[Channel]) -> Inbound | None:
    """Return the ledger row of a form that was sent before, or None."""
    rows = prepared.load_sent_forms(tuple(channel.pk for channel in doors), build_key(token))
    return next(iter(rows), None)


def receive_callback(
    form: CallbackForm, doors: Doors, *, language: str, participant: Participant | None = None
) -> Outcome:
    """Receive a request for a call back, by the first channel.

    From a request's page, it belongs to that request and to the `participant` whose link opened the page.
    """
    data, window = form.cleaned_data, form.chosen_window()
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
    channel, key = doors.channels[0], build_key(data["token"])
    if participant is not None:
        if (repetition := _find_same_callback(participant, form, now=doors.now)) is not None:
            return repetition
        channel = _choose_channel(participant)
        sent["email"], sent["name"] = participant.address, participant.customer.name
        sent["participant"] = {"customer": participant.customer_id, "ticket": participant.ticket_id}
    raw = build_document(sent)
    return receive.receive(channel, raw, source_key=key, now=doors.now, mailboxes=doors.mailboxes)


def _find_same_callback(participant: Participant, form: CallbackForm, *, now: datetime) -> Outcome | None:
    """Return the outcome of the same request for a call back, if the participant has just sent it."""
    window, data = form.chosen_window(), form.cleaned_data
    wishes = participant.ticket.callbacks.filter(state=Callback.State.WAITING, number=data["number"])
    if not wishes.filter(from_at=window.from_at, until_at=window.until_at).exists():
        return None
    message = repeated.find_repeated_message(participant, data["text"], now=now)
    return Outcome(Inbound.State.ATTACHED, message.ticket, message) if message is not None else None


def receive_reply(form: ReplyForm, participant: Participant, *, now: datetime, text: str = "") -> Outcome:
    """Receive a participant's reply from their page; `text` is used if they wrote nothing."""
    data, uploads = form.cleaned_data, form.uploads()
    words = data["text"].strip() or text
    files = [content for _name, _type, content in uploads]
    if (message := repeated.find_repeated_message(participant, words, files=files, now=now)) is not None:
        return Outcome(Inbound.State.ATTACHED, message.ticket, message)
    sent = {
        "email": participant.address,
        "name": participant.customer.name,
        "text": words,
        "language": participant.ticket.language,
        "participant": {"customer": participant.customer_id, "ticket": participant.ticket_id},
    }
    # The same form with the same text is the same message; with another text, another message.
    content = hashlib.sha256(build_document(sent, uploads)).hexdigest()
    sent["client_id"] = str(uuid5(NAMESPACE_URL, f"{data['token']}/{content}"))
    return receive.receive(
        _choose_channel(participant),
        build_document(sent, uploads),
        source_key=f"page-{data['token']}",
        now=now,
    )


def _choose_channel(participant: Participant) -> Channel:
    """Return the channel for a reply: the queue's web channel, or another one, or the ticket's own."""
    channels = load_channels()
    preferred = [c for c in channels if c.queue_id == participant.ticket.queue_id] or channels
    return preferred[0] if preferred else participant.ticket.channel


def _find_earlier(
    channel: Channel, key: str, raw: bytes, email: str, text: str, is_proved: bool
) -> dict[str, int] | None:
    """Return the customer and ticket of an earlier submission of the same form with another text, or None.

    It must have the same address. If the customer has verified an address meanwhile, somebody who only types
    it (`is_proved` is false) cannot add to the ticket.
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
    if not repeated.is_same_matter(first.text, text):
        return None
    if not is_proved and part.exclude(identity__verified_at=None).exists():
        return None
    return {"customer": first.author_customer_id, "ticket": first.ticket_id}

"""A customer's message that a colleague sent on: the colleague's lines as a note, and whose message it is.

Where that could not be told for sure, the message stays the colleague's with a question (`facts`, key
`asked_sender`: `by` whom it came, and `of` whom it may be), which an agent answers by one click.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from tickets import events
from tickets.actor import Actor
from tickets.channels.base import Forwarding, Sender
from tickets.customers import correction, identity
from tickets.customers.correction import Reason
from tickets.errors import NotFound
from tickets.intake import arrivals
from tickets.models import Follower, Message, Ticket

ASKED = "asked_sender"
NOTE_CHANNEL = "note"
OPENING = 1  # the number of the message that opened a ticket: only that one says whose the ticket is
QUOTED = re.compile(r"^[ \t]*>[ ]?", re.MULTILINE)


def note_forwarding(
    message: Message, forwarding: Forwarding, kept: Sequence[arrivals.KeptFile], *, now: datetime
) -> None:
    """Write a colleague's lines below the message that they sent on, and let them follow its ticket.

    `kept` are the files that came along; those of the colleague's own go with their lines. Runs in the
    transaction that opened the ticket.
    """
    own = [(file, stored) for file, stored in kept if file.is_for_note]
    text = forwarding.text.strip() or ", ".join(file.name for file, _stored in own)
    user = get_user_model().objects.get(pk=forwarding.user_id)
    if text:
        note = _write_note(message.ticket, text, user, by=Actor.for_user(user), now=now)
        arrivals.save_files(note, own, at=now)
    follow(message.ticket, user, now=now)


def follow(ticket: Ticket, user: Any, *, now: datetime) -> None:
    """Let a colleague be mailed what the customer writes on a ticket, as long as they work in its queue."""
    Follower.objects.get_or_create(ticket=ticket, user=user, defaults={"since": now})


def unfollow(ticket: Ticket, user: Any) -> None:
    """Let a colleague no longer be mailed what the customer writes on a ticket."""
    Follower.objects.filter(ticket=ticket, user=user).delete()


def accept_sender(ticket: Ticket, seq: int, choice: int, *, by: Actor, now: datetime) -> None:
    """Say that a message that was sent on is from the one of whom the ticket asks; `choice` counts from 0.

    Their words become the message, the rest a note; the ticket is theirs. The address is a claim.

    Raises:
        NotFound: nothing is asked of this message, or not this.
    """
    with transaction.atomic():
        ticket, message, asked = _asked(ticket, seq)
        if choice >= len(asked["of"]):
            raise NotFound
        chosen = asked["of"][choice]
        sender = Sender("email", chosen["address"], name=chosen["name"], display=chosen["address"])
        known = identity.resolve_sender(sender, language=message.language, now=now)
        correction.set_customer(
            ticket, known.customer, by=by, now=now, identity=known.identity, reason=Reason.ASKED
        )
        lines = _give_words(message, asked, chosen, known.customer.pk)
        ticket.refresh_from_db()
        if subject := chosen.get("subject"):
            ticket.rename(subject, by=by, now=now)
        _note_of_forwarder(ticket, message, asked["by"], lines, by=by, now=now)


def deny_sender(ticket: Ticket, seq: int, *, now: datetime) -> None:
    """Say that a message is from its sender indeed. Raises NotFound: nothing is asked of it."""
    with transaction.atomic():
        ticket, message, _asked_of = _asked(ticket, seq)
        message.facts = {key: value for key, value in message.facts.items() if key != ASKED}
        message.save(update_fields=["facts"])
        Ticket.objects.filter(pk=ticket.pk).update(updated_at=now)


def _asked(ticket: Ticket, seq: int) -> tuple[Ticket, Message, dict[str, Any]]:
    """Lock the ticket; return it with the message and what is asked of it."""
    locked = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
    message = locked.messages.filter(seq=seq).first()
    asked = message.facts.get(ASKED) if message is not None and message.seq == OPENING else None
    if message is None or not asked:
        raise NotFound
    return locked, message, asked


def _give_words(message: Message, asked: dict[str, Any], chosen: dict[str, Any], customer_id: int) -> str:
    """Leave the original's words in the message; return the forwarder's lines."""
    if chosen["text"]:
        lines, words = message.text, chosen["text"]
    elif chosen["starts"] is None:
        lines, words = message.text, ""
    else:
        lines, words = message.text[: chosen["ends"]], message.text[chosen["starts"] :]
    message.text = message.reply_text = (QUOTED.sub("", words) if chosen["is_quoted"] else words).strip()
    message.html = message.html_safe = message.sanitiser = ""
    message.from_address, message.from_name = chosen["address"], chosen["name"]
    message.author_customer_id = customer_id
    left = {key: value for key, value in message.facts.items() if key in ("defects", "dmarc", "sent_at")}
    message.facts = {**left, "forwarded_by": asked["by"], "sent_as_written": chosen["sent"]}
    message.save()
    return lines.strip()


def _note_of_forwarder(
    ticket: Ticket, message: Message, forwarder: dict[str, Any], lines: str, *, by: Actor, now: datetime
) -> None:
    """Write the forwarder's lines, and whole mails that they attached, below the message."""
    user = None
    if forwarder["is_proved"]:
        user = get_user_model().objects.filter(pk=forwarder["user"], is_active=True).first()
    whole = Q(content_type__startswith="message/") | Q(name__iendswith=".eml")
    files = message.attachments.filter(whole)
    text = lines or ", ".join(file.name for file in files)
    if text:
        note = _write_note(ticket, text, user, by=Actor.for_user(user) if user else by, now=now)
        if user is None:
            Message.objects.filter(pk=note.pk).update(from_name=forwarder["name"])
        files.update(message=note)
    if user is not None:
        follow(ticket, user, now=now)


def _write_note(ticket: Ticket, text: str, user: Any, *, by: Actor, now: datetime) -> Message:
    """Write a note into a ticket that is locked, or new in this transaction."""
    ticket.last_seq += 1
    ticket.updated_at = now
    ticket.save(update_fields=["last_seq", "updated_at"])
    note = Message.objects.create(
        ticket=ticket,
        seq=ticket.last_seq,
        kind=Message.Kind.NOTE,
        channel_slug=NOTE_CHANNEL,
        author_user=user,
        text=text,
        language=ticket.language,
        created_at=now,
    )
    events.record("message.note", ticket=ticket, by=by, at=now, data={"message": note.pk})
    return note

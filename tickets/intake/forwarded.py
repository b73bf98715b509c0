"""A customer's message that a colleague forwarded: the colleague's own text becomes a note.

If the original sender is uncertain, the message stays the colleague's and its `facts` hold a question, which
an agent answers by one click: `asked_sender`, with the forwarder in `by` and the possible senders in `of`.
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
OPENING = 1  # number (`seq`) of a ticket's first message; only that one decides who the customer is
QUOTED = re.compile(r"^[ \t]*>[ ]?", re.MULTILINE)


def add_forwarder_note(
    message: Message, forwarding: Forwarding, kept: Sequence[arrivals.KeptFile], *, now: datetime
) -> None:
    """Write the forwarder's own lines as a note below the message, and make them a follower of the ticket.

    `kept` are all stored files of the mail; those marked `is_for_note` are attached to the note. Call it in
    the transaction that opened the ticket.
    """
    own = [(file, stored) for file, stored in kept if file.is_for_note]
    text = forwarding.text.strip() or ", ".join(file.name for file, _stored in own)
    user = get_user_model().objects.get(pk=forwarding.user_id)
    if text:
        note = _write_note(message.ticket, text, user, by=Actor.for_user(user), now=now)
        arrivals.save_files(note, own, at=now)
    follow(message.ticket, user, now=now)


def follow(ticket: Ticket, user: Any, *, now: datetime) -> None:
    """Mail a colleague the customer's messages on a ticket, as long as they work in its queue."""
    Follower.objects.get_or_create(ticket=ticket, user=user, defaults={"since": now})


def unfollow(ticket: Ticket, user: Any) -> None:
    """Stop mailing a colleague the customer's messages on a ticket."""
    Follower.objects.filter(ticket=ticket, user=user).delete()


def choose_original_sender(ticket: Ticket, seq: int, choice: int, *, by: Actor, now: datetime) -> None:
    """Answer the question about a forwarded message: its sender is number `choice` (from 0) of those listed.

    They become the ticket's customer, by a claim. Their text stays in the message; the rest becomes a note.

    Raises:
        NotFound: there is no question about this message, or no such choice.
    """
    with transaction.atomic():
        ticket, message, question = _lock_sender_question(ticket, seq)
        if choice >= len(question["of"]):
            raise NotFound
        chosen = question["of"][choice]
        sender = Sender("email", chosen["address"], name=chosen["name"], display=chosen["address"])
        known = identity.resolve_sender(sender, language=message.language, now=now)
        correction.set_customer(
            ticket, known.customer, by=by, now=now, identity=known.identity, reason=Reason.ASKED
        )
        lines = _keep_original_text(message, question, chosen, known.customer.pk)
        ticket.refresh_from_db()
        if subject := chosen.get("subject"):
            ticket.rename(subject, by=by, now=now)
        _write_forwarder_note(ticket, message, question["by"], lines, by=by, now=now)


def dismiss_sender_question(ticket: Ticket, seq: int, *, now: datetime) -> None:
    """Remove the question about a message: the colleague wrote it. Raises NotFound if there is none."""
    with transaction.atomic():
        ticket, message, _question = _lock_sender_question(ticket, seq)
        message.facts = {key: value for key, value in message.facts.items() if key != ASKED}
        message.save(update_fields=["facts"])
        Ticket.objects.filter(pk=ticket.pk).update(updated_at=now)


def _lock_sender_question(ticket: Ticket, seq: int) -> tuple[Ticket, Message, dict[str, Any]]:
    """Lock the ticket; return it, the message, and the question about the message's sender."""
    locked = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
    message = locked.messages.filter(seq=seq).first()
    question = message.facts.get(ASKED) if message is not None and message.seq == OPENING else None
    if message is None or not question:
        raise NotFound
    return locked, message, question


def _keep_original_text(
    message: Message, question: dict[str, Any], chosen: dict[str, Any], customer_id: int
) -> str:
    """Reduce the message to the original sender's text; return the forwarder's own lines."""
    if chosen["text"]:
        lines, original = message.text, chosen["text"]
    elif chosen["starts"] is None:
        lines, original = message.text, ""
    else:
        lines, original = message.text[: chosen["ends"]], message.text[chosen["starts"] :]
    original = QUOTED.sub("", original) if chosen["is_quoted"] else original
    message.text = message.reply_text = original.strip()
    message.html = message.html_safe = message.sanitiser = ""
    message.from_address, message.from_name = chosen["address"], chosen["name"]
    message.author_customer_id = customer_id
    left = {key: value for key, value in message.facts.items() if key in ("defects", "dmarc", "sent_at")}
    message.facts = {**left, "forwarded_by": question["by"], "sent_as_written": chosen["sent"]}
    message.save()
    return lines.strip()


def _write_forwarder_note(
    ticket: Ticket, message: Message, forwarder: dict[str, Any], lines: str, *, by: Actor, now: datetime
) -> None:
    """Write the forwarder's lines as a note; mails that they attached as files move to the note."""
    user = None
    if forwarder["is_proved"]:
        user = get_user_model().objects.filter(pk=forwarder["user"], is_active=True).first()
    is_mail = Q(content_type__startswith="message/") | Q(name__iendswith=".eml")
    files = message.attachments.filter(is_mail)
    text = lines or ", ".join(file.name for file in files)
    if text:
        note = _write_note(ticket, text, user, by=Actor.for_user(user) if user else by, now=now)
        if user is None:
            Message.objects.filter(pk=note.pk).update(from_name=forwarder["name"])
        files.update(message=note)
    if user is not None:
        follow(ticket, user, now=now)


def _write_note(ticket: Ticket, text: str, user: Any, *, by: Actor, now: datetime) -> Message:
    """Add a note to a ticket that is locked or was created in this transaction."""
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

"""Received items that need attention: guess the sender from the raw data, and create a ticket manually."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import BinaryField, QuerySet
from django.db.models.functions import Substr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.actor import Actor
from tickets.channels.base import Sender
from tickets.channels.guessing import Guess
from tickets.channels.registry import adapter_for
from tickets.conversation import replies
from tickets.customers import identity
from tickets.customers.mail_addresses import normalise_email
from tickets.errors import WrongState
from tickets.intake import ledger
from tickets.models import Identity, Inbound, Ticket

MAX_BYTES = 64 * 1024


class ManualTicketForm(forms.Form):
    """The form that creates a ticket from a received item that could not be read."""

    sender = forms.EmailField(label=gettext_lazy("Email address of the sender"))
    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=200)
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=500)
    text = forms.CharField(
        label=gettext_lazy("What they want, in your own words"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=50_000,
    )


def guess_sender(row: Inbound, raw: bytes) -> Guess:
    """Return the sender and subject that the first 64 KB of the raw data seem to contain."""
    guess = adapter_for(row.channel.slug).guess(raw[:MAX_BYTES])
    return replace(guess, sender=normalise_email(guess.sender))


def load_guesses(rows: QuerySet[Inbound]) -> list[tuple[Inbound, Guess]]:
    """Return each row with its guessed sender and subject, in one query for the first 64 KB of each."""
    first_bytes = Substr("raw__data", 1, MAX_BYTES, output_field=BinaryField())
    rows = rows.annotate(first_bytes=first_bytes)
    return [(row, guess_sender(row, bytes(row.first_bytes or b""))) for row in rows]


def create_ticket(row: Inbound, fields: Mapping[str, Any], *, by: Actor, now: datetime) -> Ticket:
    """Create a ticket for a received item from the cleaned `fields` of ManualTicketForm, with a note.

    Raises:
        WrongState: somebody else has handled the item in the meantime.
    """
    sender = Sender("email", normalise_email(fields["sender"]), name=fields["name"].strip())
    note = _("Created manually from received item %(number)s (%(why)s).\n\n%(text)s") % {
        "number": row.pk,
        "why": row.why,
        "text": fields["text"],
    }
    with transaction.atomic():
        known = identity.find_customer(sender.kind, sender.value, among=Identity.objects.visible_to(by))
        customer = known or identity.resolve_sender(sender, language=row.channel.language, now=now).customer
        ticket = replies.start_conversation(
            row.channel.queue,
            customer,
            subject=fields["subject"],
            text=note,
            by=by,
            now=now,
            channel=row.channel,
            send=False,
        )
        if not ledger.settle(row, ticket, by=by, now=now):
            raise WrongState(_("Somebody has already handled this."))
    return ticket

"""What was received and set aside: guess who wrote from the raw thing, and make a ticket of it by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import BinaryField, QuerySet
from django.db.models.functions import Substr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.actor import Actor
from tickets.channels.base import Sender
from tickets.conversation import replies
from tickets.customers import identity
from tickets.customers.mail_addresses import normalise_email
from tickets.errors import WrongState
from tickets.intake import ledger
from tickets.models import Identity, Inbound, Ticket

MAX_HEADERS = 64 * 1024


@dataclass(frozen=True)
class Guess:
    """What the raw thing seems to say; nothing of it is believed before a person looked."""

    sender: str = ""
    name: str = ""
    subject: str = ""


class ByHand(forms.Form):
    """A ticket made of a received thing that could not be read."""

    sender = forms.EmailField(label=gettext_lazy("Email address of the sender"))
    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=200)
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=500)
    text = forms.CharField(
        label=gettext_lazy("What they want, in your own words"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=50_000,
    )


def guess(row: Inbound, raw: bytes) -> Guess:
    """Return sender and subject as far as the raw thing tells them."""
    if row.channel.slug == "email":
        return _of_mail(raw[:MAX_HEADERS])
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        return Guess()
    return _of_form(fields) if isinstance(fields, dict) else Guess()


def with_guesses(rows: QuerySet[Inbound]) -> list[tuple[Inbound, Guess]]:
    """Return rows with what each seems to say; only the beginning of what came is read."""
    begun = Substr("raw__data", 1, MAX_HEADERS, output_field=BinaryField())
    return [(row, guess(row, bytes(row.beginning or b""))) for row in rows.annotate(beginning=begun)]


def make_ticket(row: Inbound, fields: Mapping[str, Any], *, by: Actor, now: datetime) -> Ticket:
    """Open a ticket for a row that could not be read, with a note of what it is about.

    Raises:
        WrongState: somebody dealt with the row meanwhile.
    """
    sender = Sender("email", normalise_email(fields["sender"]), name=fields["name"].strip())
    note = _("Created manually from received item %(number)s (%(why)s).\n\n%(text)s") % {
        "number": row.pk,
        "why": row.why,
        "text": fields["text"],
    }
    with transaction.atomic():
        named = identity.find_named(sender.kind, sender.value, among=Identity.objects.visible_to(by))
        customer = named or identity.resolve(sender, language=row.channel.language, now=now).customer
        ticket = replies.start(
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


def _of_mail(raw: bytes) -> Guess:
    try:
        mail = message_from_bytes(raw, policy=policy.compat32)
        sender = _header(mail.get("From", ""))
        name, address = parseaddr(sender)
        if "@" not in address:
            name = sender  # as cron writes it: "root (Cron Daemon)"
        return Guess(normalise_email(address), name[:200], _header(mail.get("Subject", ""))[:500])
    except (MessageError, ValueError, LookupError):
        return Guess()


def _header(text: Any) -> str:
    try:
        decoded = str(make_header(decode_header(str(text))))
    except (MessageError, ValueError, LookupError):
        decoded = str(text)
    return " ".join(decoded.replace("\x00", "").split())


def _of_form(fields: Mapping[str, Any]) -> Guess:
    words = {key: str(fields.get(key) or "") for key in ("email", "name", "subject")}
    return Guess(normalise_email(words["email"]), words["name"][:200], words["subject"][:500])

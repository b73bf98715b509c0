"""The reads of every reply and every request by form, before anything is written."""

from __future__ import annotations

from typing import Any

from django.db.models import DateTimeField, QuerySet
from django.db.models.expressions import RawSQL

from tickets.models import Channel, Draft, Identity, Inbound, Participant
from tickets.models.channels.channel import MAILBOX
from tickets.prepared.statement import prepared

OWN_MAILBOXES = "ARRAY(SELECT lower(address) FROM tickets_channel WHERE slug = %s AND is_active)"
MAX_IDENTITIES = 10


@prepared
def load_drafts(ticket: int, user: int) -> QuerySet[Draft]:
    """Return an account's drafts in a ticket, with their files."""
    return Draft.objects.filter(ticket=ticket, user=user).prefetch_related("attachments")


@prepared
def load_recipients(ticket: int) -> QuerySet[Participant]:
    """Return the accepted participants of a ticket with their customers and identities, by id."""
    accepted = Participant.objects.accepted().filter(ticket=ticket)
    return accepted.select_related("customer", "identity").order_by("id")


@prepared
def load_form_channels(slugs: tuple[str, ...]) -> QuerySet[Any]:
    """Return the channels with these slugs, inactive ones too, in the order of their queues.

    Each row has the database's time (`read_at`).
    """
    rows = Channel.objects.filter(slug__in=slugs)
    rows = rows.defer("secret", "previous_secret")  # not needed here, and decrypting them is costly
    rows = rows.annotate(read_at=RawSQL("clock_timestamp()", (), DateTimeField()))
    return rows.select_related("queue__calendar").order_by("queue__position", "id")


@prepared
def load_received(inbound_id: int) -> QuerySet[Inbound]:
    """Return a row of the ledger with its channel and raw bytes: one or none.

    `own_mailboxes` are the addresses of our active mailboxes, in lower case.
    """
    row = Inbound.objects.filter(pk=inbound_id).select_related("channel__queue__calendar", "raw").order_by()
    needed = row.defer("channel__secret", "channel__previous_secret")  # decrypting them is costly
    facts = {"own_mailboxes": RawSQL(OWN_MAILBOXES, (MAILBOX,))}  # noqa: S611  (a constant)
    return needed.annotate(**facts)


@prepared
def load_proved_identities(kind: str, value: str) -> QuerySet[Identity]:
    """Return the proved identities with this address or number, the oldest first, at most ten."""
    same = Identity.objects.proved().filter(kind=kind, value=value)
    return same.select_related("customer", "customer__merged_into").order_by("id")[:MAX_IDENTITIES]

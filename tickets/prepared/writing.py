"""The reads of every reply and every request by form, before anything is written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Max, QuerySet
from django.db.models.expressions import RawSQL

from tickets.models import Channel, Contact, Draft, Identity, Inbound, Participant, Promise
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
def load_sent_forms(channels: tuple[int, ...], key: str) -> QuerySet[Inbound]:
    """Return the ledger's first row of a form that came by one of these channels, with its ticket, if any."""
    rows = Inbound.objects.filter(channel__in=channels, source_key=key)
    return rows.select_related("ticket").order_by("pk")[:1]


@prepared
def load_unread(inbound_id: int, states: tuple[str, ...]) -> QuerySet[Any, int]:
    """Lock a row of the ledger in one of these states, unless somebody else has; return its attempts."""
    row = Inbound.objects.select_for_update(skip_locked=True).filter(pk=inbound_id, state__in=states)
    return row.order_by().values_list("attempts", flat=True)


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
def load_marks(kind: str, value: str) -> QuerySet[Identity, tuple[datetime | None, datetime | None]]:
    """Return since when mail to this address comes back and since when it complained: one row or none."""
    same = Identity.objects.filter(kind=kind, value=value).order_by().values("kind")
    return same.annotate(Max("undeliverable_at"), Max("complained_at")).values_list(
        "undeliverable_at__max", "complained_at__max"
    )


@prepared
def load_open_promises(ticket: int, kind: str) -> QuerySet[Promise]:
    """Return the promises of one kind in a ticket that are neither kept nor broken nor replaced."""
    return Promise.objects.filter(
        ticket=ticket, kind=kind, kept_at=None, broken_at=None, replaced_by=None
    ).order_by("id")


@prepared
def load_waiting_contacts(ticket: int) -> QuerySet[Contact]:
    """Return the ticket's contacts that wait for an answer, without live conversations."""
    return Contact.objects.filter(ticket=ticket, ended_at=None, is_live=False).order_by("id")


@prepared
def load_proved_identities(kind: str, value: str) -> QuerySet[Identity]:
    """Return the proved identities with this address or number, the oldest first, at most ten."""
    same = Identity.objects.proved().filter(kind=kind, value=value)
    return same.select_related("customer", "customer__merged_into").order_by("id")[:MAX_IDENTITIES]

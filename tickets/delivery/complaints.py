"""Who called a mail of ours spam: software writes there no more, until a person takes that back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.delivery import bounces
from tickets.models import Identity, Outbound, Ticket


def record_complaint(
    recipients: Iterable[str], mail_ids: Iterable[str], *, named: Iterable[str] = (), now: datetime
) -> Outbound | None:
    """Note a complaint about a mail of ours; return that mail. The proof is that of a bounce.

    `recipients` are the addresses the complaint came to and the sender's address that it quotes; `named` is
    who it says has complained. One about nobody to whom the mail went changes nothing.
    """
    reported = bounces.find_bounced_mail(recipients, mail_ids, named)
    if reported is None:
        return None
    mark_complained(reported, now=now)
    return reported.row


def mark_complained(reported: bounces.ReportedMail, *, now: datetime, by: Actor = SYSTEM) -> bool:
    """Mark the addresses from which a mail was called spam; return whether that is news."""
    row = reported.row
    with transaction.atomic():
        emails = Identity.objects.filter(kind=Identity.Kind.EMAIL, value__in=list(reported.addresses))
        marked = emails.filter(complained_at=None)
        customers = list(marked.values_list("customer", flat=True))
        marked.update(complained_at=now)
        for customer in customers:
            data = {"customer": customer, "outbound": row.pk}
            events.record("address.complained", ticket=row.ticket, by=by, at=now, data=data)
    return bool(customers)


def has_complained(address: str) -> bool:
    """Tell whether nothing that software writes may go to an address."""
    return _find_identities(address).exclude(complained_at=None).exists()


def allow_automatic_mail(ticket: Ticket, identity_id: int, *, by: Actor, now: datetime) -> bool:
    """Let automatic mail go to an address of the ticket's customer again; return whether anything changed."""
    with transaction.atomic():
        theirs = Identity.objects.filter(pk=identity_id, customer=ticket.customer_id)
        # The same address may be claimed in other conversations: it is one mailbox.
        same = Identity.objects.filter(kind=Identity.Kind.EMAIL, value__in=theirs.values("value"))
        changed = same.exclude(complained_at=None).update(complained_at=None)
        if changed:
            data = {"customer": ticket.customer_id, "outbound": None}
            events.record("address.allowed", ticket=ticket, by=by, at=now, data=data)
    return bool(changed)


def _find_identities(address: str) -> QuerySet[Identity]:
    return Identity.objects.filter(kind=Identity.Kind.EMAIL, value=address.lower())

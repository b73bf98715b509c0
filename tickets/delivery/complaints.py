"""Spam complaints: no automatic mail goes to an address that complained, until an agent allows it again."""

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
    """Record a complaint about a mail of ours; return that mail, or None. It needs the proof of a bounce.

    `recipients` are the addresses that received the complaint and the envelope sender that it quotes,
    `mail_ids` the ids that it cites, `named` the addresses that complained.
    """
    reported = bounces.find_bounced_mail(recipients, mail_ids, named)
    if reported is None:
        return None
    mark_complained(reported, now=now)
    return reported.row


def mark_complained(reported: bounces.ReportedMail, *, now: datetime, by: Actor = SYSTEM) -> bool:
    """Mark the addresses that complained about a mail; return whether any was not marked before."""
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
    """Tell whether an address complained, so that no automatic mail may go there."""
    return _find_identities(address).exclude(complained_at=None).exists()


def allow_automatic_mail(ticket: Ticket, identity_id: int, *, by: Actor, now: datetime) -> bool:
    """Allow automatic mail to an address of the ticket's customer again; return whether anything changed."""
    with transaction.atomic():
        own = Identity.objects.filter(pk=identity_id, customer=ticket.customer_id)
        # Claims of the same address in other tickets are marked too: it is one mailbox.
        same_address = Identity.objects.filter(kind=Identity.Kind.EMAIL, value__in=own.values("value"))
        changed = same_address.exclude(complained_at=None).update(complained_at=None)
        if changed:
            data = {"customer": ticket.customer_id, "outbound": None}
            events.record("address.allowed", ticket=ticket, by=by, at=now, data=data)
    return bool(changed)


def _find_identities(address: str) -> QuerySet[Identity]:
    return Identity.objects.filter(kind=Identity.Kind.EMAIL, value=address.lower())

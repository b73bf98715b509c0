"""Mail that came back: find what it was, mark the address, and give it to its agent as work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tickets import delivery, tokens
from tickets.models import Identity, MailReference, Outbound
from tickets.threading import digest


def take(
    recipients: Iterable[str],
    mail_ids: Iterable[str],
    *,
    status: str,
    failed: Iterable[str] = (),
    now: datetime,
) -> Outbound | None:
    """Mark the mail that came back, if it is one of ours; return it.

    The signed address that it came back to says which it was, whoever the report names; else a mail id of
    ours that it cites. A delay (4.x.x) changes nothing. Only these two may mark an address: a report that
    anybody could have written changes nothing.
    """
    row = find(recipients, mail_ids)
    if row is None or status.startswith("4") or row.state == Outbound.State.BOUNCED:
        return row
    addresses = {row.to.lower()} | ({address.lower() for address in failed} & {a.lower() for a in row.cc})
    with transaction.atomic():
        changed = (
            Outbound.objects.filter(pk=row.pk)
            .exclude(state__in=(Outbound.State.BOUNCED, Outbound.State.CANCELLED))
            .update(state=Outbound.State.BOUNCED, last_error=status[:500])
        )
        if changed:
            if status.startswith("5"):
                _mark(addresses, now=now)
            delivery.return_to_agent(row, "delivery.bounced", {"status": status[:20]}, now=now)
    return row


def find(recipients: Iterable[str], mail_ids: Iterable[str]) -> Outbound | None:
    """Return the mail of ours that a report is about, by the signed address it came to or an id it cites."""
    return _by_address(recipients) or _by_mail_id(mail_ids)


def _by_address(recipients: Iterable[str]) -> Outbound | None:
    public_id = tokens.bounced_outbound(recipients)
    return _found(public_id=public_id) if public_id else None


def _by_mail_id(mail_ids: Iterable[str]) -> Outbound | None:
    for mail_id in mail_ids:
        ours = tokens.ticket_in_message_id(mail_id)
        row = _found(public_id=ours[1]) if ours else _by_alias(mail_id)
        if row is not None:
            return row
    return None


def _by_alias(mail_id: str) -> Outbound | None:
    aliases = MailReference.objects.filter(digest=digest(mail_id), kind=MailReference.Kind.ALIAS)
    outbound_id = aliases.exclude(outbound=None).values_list("outbound", flat=True).first()
    return _found(pk=outbound_id) if outbound_id else None


def _found(**which: object) -> Outbound | None:
    return Outbound.objects.filter(**which).select_related("ticket", "message").first()


def _mark(addresses: Iterable[str], *, now: datetime) -> None:
    """Note that nothing arrives there; whoever writes from the address again takes the mark away."""
    emails = Identity.objects.filter(kind=Identity.Kind.EMAIL, value__in=list(addresses))
    emails.update(undeliverable_at=now)

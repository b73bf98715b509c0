"""The mail with the link to all one's requests: the same work whether the address is known or not."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tickets import delivery
from tickets.models import Channel, Identity, Outbound, Ticket

TEMPLATE = "tickets/mail/all_requests"


def send(address: str, *, language: str, now: datetime) -> Outbound:
    """Queue the link for somebody who has written to us, and for others a row that is never sent.

    One look-up and one row in both cases: neither the answer nor its time tells who is a customer. The
    link itself is made when the mail leaves, so that its ten minutes begin then and no row holds it.
    """
    with transaction.atomic():
        customer_id = _customer_of(address)
        outbound = delivery.queue(
            Outbound.Kind.NOTICE,
            channel=_mailbox(language),
            to=address,
            payload={"template": TEMPLATE, "language": language, "all_requests_of": customer_id},
            now=now,
        )
        state = Outbound.State.QUEUED if customer_id else Outbound.State.CANCELLED
        Outbound.objects.filter(pk=outbound.pk).update(
            state=state, next_attempt_at=now if customer_id else None
        )
        outbound.state = state
    return outbound


def _customer_of(address: str) -> int | None:
    found = Identity.objects.filter(kind=Identity.Kind.EMAIL, value=address).values_list(
        "customer_id", "customer__merged_into_id"
    )
    for customer_id, merged_into_id in found[:1]:
        survivor = merged_into_id or customer_id
        if Ticket.objects.filter(customer_id=survivor, is_spam=False).exists():
            return int(survivor)
    return None


def _mailbox(language: str) -> Channel | None:
    mailboxes = list(Channel.objects.filter(slug="email", is_active=True).order_by("id"))
    return min(mailboxes, key=lambda c: (c.language != language, c.pk), default=None)

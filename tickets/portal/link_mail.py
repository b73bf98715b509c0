"""The mail with the link to all one's requests: the same work whether the address is known or not."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from tickets.delivery import outbox
from tickets.models import Identity, Outbound, Participant
from tickets.models.channels.company_mailboxes import choose_mailbox, load_mailboxes

TEMPLATE = "tickets/mail/all_requests"


def send(address: str, *, language: str, now: datetime) -> Outbound:
    """Queue the link for an address that has proved itself, and for others a row that is never sent.

    One look-up and one row in both cases: neither the answer nor its time tells who is a customer. The
    link itself is made when the mail leaves, so that its ten minutes begin then and no row holds it.
    """
    with transaction.atomic():
        identity_id = _proved(address)
        outbound = outbox.add_outbound(
            Outbound.Kind.NOTICE,
            channel=choose_mailbox(load_mailboxes(), language=language),
            to=address,
            payload={"template": TEMPLATE, "language": language, "all_requests_of": identity_id},
            now=now,
        )
        state = Outbound.State.QUEUED if identity_id else Outbound.State.CANCELLED
        Outbound.objects.filter(pk=outbound.pk).update(
            state=state, next_attempt_at=now if identity_id else None
        )
        outbound.state = state
    return outbound


def _proved(address: str) -> int | None:
    """Return the identity of an address that has proved itself and takes part in a request, or None."""
    took_part = Participant.objects.accepted().filter(identity=OuterRef("pk"), ticket__is_spam=False)
    known = Identity.objects.proved().filter(Exists(took_part), kind=Identity.Kind.EMAIL, value=address)
    return known.values_list("pk", flat=True).first()

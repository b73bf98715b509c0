"""The mail with a link to all requests of a customer; known and unknown addresses take the same work."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from tickets.delivery import outbox
from tickets.models import Identity, Outbound, Participant
from tickets.models.channels.company_mailboxes import choose_mailbox, load_mailboxes

TEMPLATE = "tickets/mail/all_requests"


def queue_link_mail(address: str, *, language: str, now: datetime) -> Outbound:
    """Queue the mail with the link for a verified address, and a cancelled row for any other.

    Both cases take one query and one row, so that neither the response nor its duration reveals who is a
    customer. The link is created on sending: its ten minutes begin then, and it is stored in no row.
    """
    with transaction.atomic():
        identity_id = _find_verified(address)
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


def _find_verified(address: str) -> int | None:
    """Return the id of a verified address that participates in a request, or None."""
    participations = Participant.objects.accepted().filter(identity=OuterRef("pk"), ticket__is_spam=False)
    verified = Identity.objects.proved().filter(kind=Identity.Kind.EMAIL, value=address)
    return verified.filter(Exists(participations)).values_list("pk", flat=True).first()

"""Message-IDs: how they are indexed, and the ids that providers assign to our mails."""

from __future__ import annotations

from tickets.models import MailReference, Outbound
from tickets.platform import crypto


def hash_mail_id(mail_id: str) -> str:
    """Return the digest under which a Message-ID is indexed, without brackets and the domain's case."""
    bare = mail_id.strip().strip("<>")
    local, at, domain = bare.rpartition("@")
    return crypto.digest(f"{local}{at}{domain.lower()}")


def save_alias(row: Outbound) -> None:
    """Save the id with which a provider replaced ours, since replies cite that one."""
    if row.ticket is None or not row.provider_id:
        return
    alias = MailReference(
        digest=hash_mail_id(row.provider_id),
        kind=MailReference.Kind.ALIAS,
        ticket=row.ticket,
        message=row.message,
        outbound=row,
    )
    MailReference.objects.bulk_create([alias], ignore_conflicts=True)

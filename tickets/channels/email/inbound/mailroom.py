"""Store raw mails in the ledger: find their mailbox, and recognise mails that are stored already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from typing import Any

from django.conf import settings
from django.db import transaction

from tickets.channels.email.parsing import identify
from tickets.intake import ledger
from tickets.models import Channel, Inbound, InboundRaw
from tickets.models.channels.company_mailboxes import find_open_mailboxes
from tickets.platform import crypto, locks
from tickets.platform.locks import KeyedLock

HEADER_LIMIT = 256 * 1024
KEPT_OF_TOO_LARGE = 200 * 1024 * 1024
ADDRESS_HEADERS = ("Delivered-To", "X-Original-To", "To", "Cc")


def accept(
    raw: bytes, *, recipients: Sequence[str], now: datetime, envelope: dict[str, Any] | None = None
) -> tuple[Inbound, bool]:
    """Store a raw mail durably for its first recipient that is ours; return its row, and whether it is new.

    The same mail (id and body) for another of our mailboxes is the same row, with both mailboxes.

    Raises:
        LookupError: none of the recipients is a mailbox of ours.
    """
    channels = find_open_mailboxes(recipients)
    if not channels:
        raise LookupError("No mailbox of this installation has that address.")
    key, body_digest = build_keys(raw)
    facts = {"recipients": list(recipients)[:50], **(envelope or {})}
    if len(raw) > settings.MAIL_MAX_BYTES:
        facts["too_large"] = len(raw)
        raw = raw[:KEPT_OF_TOO_LARGE]
    with transaction.atomic():
        locks.acquire_keyed_lock(KeyedLock.MAIL, key)
        present = (
            Inbound.objects.filter(channel__slug="email", source_key=key, body_digest=body_digest)
            .select_related("channel")
            .first()
        )
        if present is None:
            row, is_new = ledger.keep_raw(
                channels[0], raw, source_key=key, body_digest=body_digest, now=now, envelope=facts
            )
            present = row
        else:
            is_new = False
        _note_other_mailboxes(present, channels)
        if is_new:
            ledger.ring(present)
    return present, is_new


@dataclass(frozen=True)
class Received:
    """One raw mail of a batch, with its envelope."""

    raw: bytes
    envelope: dict[str, Any]


def accept_many(channel: Channel, mails: Sequence[Received], *, now: datetime) -> list[Inbound]:
    """Store mails of one mailbox durably in one transaction; return their rows in order, new or existing.

    Much faster than one by one. A mail whose id and body are stored already keeps its row, as in `accept`.
    """
    keys = [build_keys(mail.raw) for mail in mails]
    with transaction.atomic():
        for mail_id in sorted({mail_id for mail_id, _ in keys}):
            locks.acquire_keyed_lock(KeyedLock.MAIL, mail_id)
        present = _present(keys)
        others = [row for row in present.values() if row.channel_id != channel.pk]
        for row in others:
            _note_other_mailboxes(row, [channel])
        new: dict[tuple[str, str], tuple[Inbound, bytes]] = {}
        for key, mail in zip(keys, mails, strict=True):
            if key not in present and key not in new:
                new[key] = _unsaved(channel, key, mail, now=now), mail.raw
        Inbound.objects.bulk_create([row for row, _ in new.values()])
        InboundRaw.objects.bulk_create([InboundRaw(inbound=row, data=raw) for row, raw in new.values()])
        for row, _ in new.values():
            ledger.ring(row)
    found = present | {key: row for key, (row, _) in new.items()}
    return [found[key] for key in keys]


def read_recipients(raw: bytes) -> list[str]:
    """Return the addresses in a mail's headers, for a pipe that does not know the recipients."""
    headers = _headers(raw)
    found: list[str] = []
    for name in ADDRESS_HEADERS:
        for value in headers.get_all(name, [])[:20]:
            found += re.findall(r"[^\s<>,;:\"()]{1,200}@[^\s<>,;:\"()]{1,200}", str(value)[:20_000])
    return found[:200]


def build_keys(raw: bytes) -> tuple[str, str]:
    """Return (ledger key, body digest); the key is a digest of the Message-ID, or else of the whole mail."""
    found = identify(raw)
    key = f"id:{crypto.digest(found.message_id)}" if found.message_id else f"raw:{found.raw_digest}"
    return key, found.body_digest


def _present(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Inbound]:
    rows = Inbound.objects.filter(channel__slug="email", source_key__in=[key for key, _ in keys])
    return {(row.source_key, row.body_digest): row for row in rows.select_related("channel")}


def _unsaved(channel: Channel, key: tuple[str, str], mail: Received, *, now: datetime) -> Inbound:
    return Inbound(
        channel=channel,
        source_key=key[0],
        body_digest=key[1],
        envelope=mail.envelope,
        size=len(mail.raw),
        received_at=now,
        next_attempt_at=now,
    )


def _headers(raw: bytes) -> Any:
    return BytesHeaderParser().parsebytes(raw[:HEADER_LIMIT])


def _note_other_mailboxes(row: Inbound, channels: Sequence[Channel]) -> None:
    seen = {row.channel.address.lower(), *row.also_via}
    others = [c.address.lower() for c in channels if c.address.lower() not in seen]
    if others:
        row.also_via = [*row.also_via, *others]
        row.save(update_fields=["also_via"])

"""What a provider tells of a mail we sent (delivered, delayed, refused, called spam), by its own id of it."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType
from django.db import transaction

from tickets import events
from tickets.actor import SYSTEM
from tickets.channels.base import InboundMessage, Sender
from tickets.delivery import bounces, complaints
from tickets.models import Inbound, Outbound
from tickets.models.channels.delivery_error import DeliveryError
from tickets.platform.text import make_storable

KIND = "tracking"
CAME_BACK = {EventType.BOUNCED: "5.0.0", EventType.REJECTED: "5.7.1", EventType.FAILED: "5.0.0"}
TOLD = {EventType.DELIVERED, EventType.DEFERRED, EventType.COMPLAINED, *CAME_BACK}
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


def document(event: AnymailTrackingEvent, provider: str) -> tuple[bytes, str]:
    """Return what is kept of one event, and its digest: the same event twice is one row."""
    facts = {
        "provider": provider,
        "event": str(event.event_type),
        "mail": str(event.message_id or ""),
        "to": str(event.recipient or ""),
        "said": str(event.mta_response or event.description or "")[:500],
    }
    facts = {name: make_storable(value) for name, value in facts.items()}
    raw = json.dumps(facts, ensure_ascii=False).encode()
    return raw, hashlib.sha256(f"{event.event_id or raw.decode()}".encode("utf-8", "replace")).hexdigest()


def ended(row: Inbound, raw: bytes) -> InboundMessage:
    """Apply a kept event to the mail it is about; say by which rule its row ends. Twice changes nothing."""
    facts: dict[str, Any] = json.loads(raw)
    outbound = sent_as(facts["mail"])
    if outbound is not None:
        _apply(outbound, facts, now=row.received_at)
    rule = KIND if outbound is not None else "tracking_unmatched"
    return InboundMessage(Sender("email", ""), "", ignore_rule=rule)


def sent_as(mail_id: str) -> Outbound | None:
    """Return the outbox row of a mail, by the provider's id of it or by our own Message-ID."""
    bare = mail_id.strip().strip("<>")
    if not bare:
        return None
    either = [bare, f"<{bare}>"]
    rows = Outbound.objects.select_related("ticket")
    found = rows.filter(provider_id__in=either).order_by("-id").first()
    return found or rows.filter(mail_id__in=either).first()


def _apply(outbound: Outbound, facts: dict[str, Any], *, now: datetime) -> None:
    kind, said = facts["event"], facts["said"]
    # The provider has signed the event, so a mail to one address needs no name; another name is not ours.
    reported = bounces.match_addresses(outbound, [facts["to"]], came_back=not facts["to"])
    if reported is None:
        return
    if kind == EventType.COMPLAINED:
        complaints.mark_complained(reported, now=now)
    elif not reported.is_about_the_recipient:
        if kind in CAME_BACK:
            bounces.apply_report(reported, _error(facts), now=now)
    elif kind == EventType.DELIVERED:
        _delivered(outbound, now=now)
    elif kind == EventType.DEFERRED:
        Outbound.objects.filter(pk=outbound.pk, state=Outbound.State.SENT).update(
            error=DeliveryError.temporary(said, provider=_provider(facts))
        )
    else:
        still_out = (Outbound.State.SENT, Outbound.State.DELIVERED)
        if Outbound.objects.filter(pk=outbound.pk, state__in=still_out).exists():
            bounces.apply_report(reported, _error(facts), now=now)


def _error(facts: dict[str, Any]) -> DeliveryError:
    """Return why a mail came back: by the status the receiving server gave, else by the kind of event."""
    found = STATUS.search(facts["said"])
    status = found.group(0) if found and found.group(1) == "5" else CAME_BACK[facts["event"]]
    return DeliveryError.permanent(facts["said"], code=status, provider=_provider(facts))


def _provider(facts: dict[str, Any]) -> str:
    return str(facts.get("provider", "provider"))


def _delivered(outbound: Outbound, *, now: datetime) -> None:
    with transaction.atomic():
        changed = Outbound.objects.filter(pk=outbound.pk, state=Outbound.State.SENT).update(
            state=Outbound.State.DELIVERED, delivered_at=now, error=None
        )
        if changed and outbound.ticket is not None:
            data = {"outbound": outbound.pk, "kind": outbound.kind}
            events.record("delivery.delivered", ticket=outbound.ticket, by=SYSTEM, at=now, data=data)

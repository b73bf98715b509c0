"""Apply a provider's events to a mail we sent: delivered, delayed, bounced, or marked as spam."""

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
FAILURE_CODES = {EventType.BOUNCED: "5.0.0", EventType.REJECTED: "5.7.1", EventType.FAILED: "5.0.0"}
HANDLED_EVENTS = {EventType.DELIVERED, EventType.DEFERRED, EventType.COMPLAINED, *FAILURE_CODES}
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


def build_document(event: AnymailTrackingEvent, provider: str) -> tuple[bytes, str]:
    """Return the JSON document of an event for the ledger, and a digest by which a repeat is recognised."""
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


def apply_event(row: Inbound, raw: bytes) -> InboundMessage:
    """Apply a stored event to its outbox row, and return the rule for its ledger row. Idempotent."""
    facts: dict[str, Any] = json.loads(raw)
    outbound = find_outbound(facts["mail"])
    if outbound is not None:
        _apply(outbound, facts, now=row.received_at)
    rule = KIND if outbound is not None else "tracking_unmatched"
    return InboundMessage(Sender("email", ""), "", ignore_rule=rule)


def find_outbound(mail_id: str) -> Outbound | None:
    """Return the outbox row with this provider id or Message-ID, with or without brackets, or None."""
    bare = mail_id.strip().strip("<>")
    if not bare:
        return None
    forms = [bare, f"<{bare}>"]
    rows = Outbound.objects.select_related("ticket")
    by_provider = rows.filter(provider_id__in=forms).order_by("-id").first()
    return by_provider or rows.filter(mail_id__in=forms).first()


def _apply(outbound: Outbound, facts: dict[str, Any], *, now: datetime) -> None:
    kind, reason = facts["event"], facts["said"]
    # The event is signed, so it may omit the recipient of a mail to one address; any other one is not ours.
    reported = bounces.match_addresses(outbound, [facts["to"]], came_back=not facts["to"])
    if reported is None:
        return
    if kind == EventType.COMPLAINED:
        complaints.mark_complained(reported, now=now)
    elif not reported.is_about_the_recipient:
        if kind in FAILURE_CODES:
            bounces.apply_report(reported, _build_error(facts), now=now)
    elif kind == EventType.DELIVERED:
        _mark_delivered(outbound, now=now)
    elif kind == EventType.DEFERRED:
        Outbound.objects.filter(pk=outbound.pk, state=Outbound.State.SENT).update(
            error=DeliveryError.temporary(reason, provider=_get_provider(facts))
        )
    else:
        not_returned = (Outbound.State.SENT, Outbound.State.DELIVERED)
        if Outbound.objects.filter(pk=outbound.pk, state__in=not_returned).exists():
            bounces.apply_report(reported, _build_error(facts), now=now)


def _build_error(facts: dict[str, Any]) -> DeliveryError:
    """Return a bounce's delivery error, with the receiving server's status or else the event's default."""
    match = STATUS.search(facts["said"])
    status = match.group(0) if match and match.group(1) == "5" else FAILURE_CODES[facts["event"]]
    return DeliveryError.permanent(facts["said"], code=status, provider=_get_provider(facts))


def _get_provider(facts: dict[str, Any]) -> str:
    return str(facts.get("provider", "provider"))


def _mark_delivered(outbound: Outbound, *, now: datetime) -> None:
    with transaction.atomic():
        changed = Outbound.objects.filter(pk=outbound.pk, state=Outbound.State.SENT).update(
            state=Outbound.State.DELIVERED, delivered_at=now, error=None
        )
        if changed and outbound.ticket is not None:
            data = {"outbound": outbound.pk, "kind": outbound.kind}
            events.record("delivery.delivered", ticket=outbound.ticket, by=SYSTEM, at=now, data=data)

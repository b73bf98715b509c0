"""Mails to colleagues: requests to help, answers to requests, alerts. The desk shows the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from tickets.delivery import outbox
from tickets.models import Outbound

TEMPLATE = "routing/mail/notice"


def notify(user: Any, kind: str, address: str, *, now: datetime, **words: Any) -> Outbound:
    """Queue a mail of a kind the template knows, in the person's language; `address` is a path of ours."""
    payload = {
        "template": TEMPLATE,
        "language": user.language,
        "kind": kind,
        "address": settings.PUBLIC_URL + address,
        **words,
    }
    return outbox.add_outbound(Outbound.Kind.NOTICE, channel=None, to=user.email, payload=payload, now=now)

"""Create and revoke API keys. The secret is returned once, and only its digest is stored."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tickets import events
from tickets.actor import Actor
from tickets.api.authentication import PREFIX
from tickets.models import ApiKey
from tickets.platform import crypto


def create_key(
    user: Any,
    name: str,
    scopes: Sequence[str],
    *,
    by: Actor,
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Create an API key; return its row and its secret (256 bits), which cannot be read again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        key = ApiKey.objects.create(
            user=user,
            name=name,
            prefix=secret[:8],
            digest=crypto.digest(secret),
            scopes=list(scopes),
            created_at=now,
            expires_at=expires_at,
        )
        data = {"key": key.pk, "user": user.pk, "scopes": list(scopes)}
        events.record("apikey.made", by=by, at=now, data=data)
    return key, secret


def revoke_key(key: ApiKey, *, by: Actor, now: datetime) -> bool:
    """Revoke a key; return whether it was not revoked before."""
    with transaction.atomic():
        revoked = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)
        if revoked:
            events.record("apikey.revoked", by=by, at=now, data={"key": key.pk, "user": key.user_id})
    return bool(revoked)

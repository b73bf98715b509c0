"""Make and revoke API keys: the secret is returned once and only its digest is kept."""

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
    """Return a new key's row and its secret (256 bits), which nobody can read again."""
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
    """End a key at once; return whether it was still living."""
    with transaction.atomic():
        ended = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)
        if ended:
            events.record("apikey.revoked", by=by, at=now, data={"key": key.pk, "user": key.user_id})
    return bool(ended)

"""The session and the account of a signed-in person: the two reads of every page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from tickets.prepared.statement import prepared


@prepared
def load_sessions(key: str, now: datetime) -> QuerySet[Session]:
    """Return the session with this key, unless it has expired at `now`: one or none."""
    return Session.objects.filter(session_key=key, expire_date__gt=now)


@prepared
def load_accounts(user_id: int) -> QuerySet[Any]:
    """Return the account with this id: one or none."""
    return get_user_model().objects.filter(pk=user_id)

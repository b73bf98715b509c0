"""Sessions in PostgreSQL, as Django keeps them; the row is read by a statement composed once."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from tickets.models.composed import composed, one


class SessionStore(DatabaseSessions):
    """Django's store of sessions, of which every request of a signed-in person reads one."""

    def _get_session_from_db(self) -> Session | None:
        found = one(_alive(self.session_key or "", timezone.now()))
        if found is None:
            self._session_key = None
        return found


@composed
def _alive(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)

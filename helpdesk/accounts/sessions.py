"""Sessions in PostgreSQL, as Django keeps them; the row is read by a prepared query."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone

from tickets import prepared


class SessionStore(DatabaseSessions):
    """Django's store of sessions, of which every request of a signed-in person reads one."""

    def _get_session_from_db(self) -> Session | None:
        rows = prepared.load_sessions(self.session_key or "", timezone.now())
        if not rows:
            self._session_key = None
            return None
        return rows[0]

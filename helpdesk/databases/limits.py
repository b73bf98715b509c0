"""The cache of limits: small values in PostgreSQL, each with its end, by the database's own clock."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

from helpdesk.models import Limit

GET = "SELECT value FROM helpdesk_limit WHERE key = %s AND expires_at > clock_timestamp()"
SET = """
INSERT INTO helpdesk_limit (key, value, expires_at)
VALUES (%s, %s, clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
"""
ADD = SET + "WHERE helpdesk_limit.expires_at <= clock_timestamp()"
DELETE = "DELETE FROM helpdesk_limit WHERE key = %s"
LONGEST_SECONDS = 30 * 24 * 3600


class DatabaseLimits(BaseCache):
    """A cache backend for what JSON can hold; each call is one statement."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(GET, [self.make_key(key, version)])
            row = cursor.fetchone()
        return json.loads(row[0]) if row else default

    def set(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._write(SET, key, value, timeout, version)

    def add(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Set a value where none stands; return whether it was set. Of several at once, one wins."""
        return self._write(ADD, key, value, timeout, version)

    def delete(self, key: Any, version: int | None = None) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(DELETE, [self.make_key(key, version)])
            return bool(cursor.rowcount)

    def _write(self, statement: str, key: Any, value: Any, timeout: Any, version: int | None) -> bool:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        kept_for = min(LONGEST_SECONDS if seconds is None else float(seconds), LONGEST_SECONDS)
        with connection.cursor() as cursor:
            cursor.execute(statement, [self.make_key(key, version), json.dumps(value), kept_for])
            return bool(cursor.rowcount)


def forget_expired(now: datetime) -> int:
    """Delete the limits whose time is over; return how many."""
    deleted, _by_model = Limit.objects.filter(expires_at__lte=now).delete()
    return deleted

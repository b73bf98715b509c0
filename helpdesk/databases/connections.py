"""Where the database is: DATABASE_URL, or the embedded server beside the data folder."""

import json
import os
import select
import time
from typing import Any
from weakref import WeakKeyDictionary

import environ
from django.core.exceptions import ImproperlyConfigured
from psycopg import Connection
from psycopg_pool import ConnectionPool

from helpdesk.runtime.environment import Environment, read_flag

IDLE_SECONDS = 5.0
_used_at: WeakKeyDictionary[Connection[Any], float] = WeakKeyDictionary()


def check_connection(connection: Connection[Any]) -> None:
    """Refuse a pooled connection that is dead; raise psycopg.OperationalError.

    One that was used a moment ago is asked only if something has arrived on it meanwhile, as a server's
    farewell does: an empty query before each request would cost a tenth of what the smallest page does.
    """
    now = time.monotonic()
    idle = now - _used_at.get(connection, -IDLE_SECONDS)
    if idle >= IDLE_SECONDS or _has_news(connection):
        ConnectionPool.check_connection(connection)
    _used_at[connection] = now


def _has_news(connection: Connection[Any]) -> bool:
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def database_settings(
    environment: Environment, *, testing: bool, as_owner: bool | None = None
) -> dict[str, Any]:
    """Return Django's settings of the one database.

    With `as_owner`, or TANDEM_AS_OWNER=1 (migrations, grants), the role that owns the schema is used,
    otherwise the application's own role, which cannot change or delete events.
    """
    as_owner = read_flag("TANDEM_AS_OWNER") if as_owner is None else as_owner
    url = _url(environment, as_owner=as_owner)
    config: dict[str, Any] = dict(environ.Env.db_url_config(url)) if url else {}
    config.setdefault("NAME", "tandem")  # checks and the like run without any server
    config["ENGINE"] = "django.db.backends.postgresql"
    options: dict[str, Any] = {**config.get("OPTIONS", {}), "connect_timeout": 5}
    options.pop("pool", None)
    if not testing and not as_owner:
        size = int(os.environ.get("TANDEM_POOL") or 16)
        options["pool"] = {"min_size": 1, "max_size": size, "timeout": 10, "check": check_connection}
    # A query that is asked again is planned once: half of what the database spends on a page.
    options |= {"server_side_binding": True, "prepare_threshold": 3}
    config["OPTIONS"] = options
    config["CONN_MAX_AGE"] = 0
    config["CONN_HEALTH_CHECKS"] = True
    return config


def _url(environment: Environment, *, as_owner: bool) -> str:
    if not environment.embedded:
        url = os.environ["DATABASE_URL"]
        return os.environ.get("DATABASE_OWNER_URL") or url if as_owner else url
    return _embedded_url(environment, as_owner=as_owner)


def _embedded_url(environment: Environment, *, as_owner: bool) -> str:
    """Return the running embedded server's address, or an empty text while there is none.

    A file that a power cut left empty says nothing, and whoever starts the server writes it anew.
    """
    path = environment.data / "run" / "postgres.json"
    try:
        addresses = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return ""
    except OSError as error:
        raise ImproperlyConfigured(f"Cannot read {path}: {error}. Remove it and start again.") from error
    return str(addresses["owner" if as_owner else "app"])

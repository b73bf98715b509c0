"""What Django's LOGGING says: one handler with one formatter, behind every logger of every library."""

from __future__ import annotations

from typing import Any

# These would write by handlers of their own, past the formatter that masks.
OWN_HANDLERS = ("django", "django.server", "gunicorn.error", "uvicorn", "uvicorn.error")
# A line for each request is the request log's work.
ACCESS_LOGS = ("gunicorn.access", "uvicorn.access")
LEVELS = {
    "django.request": "ERROR",
    "django.server": "WARNING",
    "django_structlog": "WARNING",
    "celery": "WARNING",
    "imapclient": "WARNING",
    "mail.log": "WARNING",
}


def logging_settings(level: str) -> dict[str, Any]:
    """Return the LOGGING of a process; `level` is what the root lets through."""
    loggers: dict[str, dict[str, Any]] = {name: {"handlers": [], "propagate": True} for name in OWN_HANDLERS}
    loggers |= {name: {"handlers": [], "propagate": False} for name in ACCESS_LOGS}
    for name, least in LEVELS.items():
        loggers.setdefault(name, {})["level"] = least
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "helpdesk.logs.lines.Formatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": loggers,
    }

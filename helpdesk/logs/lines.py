"""Log lines: one event a line, with its fields; never a body, a token or an address in clear.

Every line of every library goes through `Formatter`, which lets only masked values out (`runtime.masking`).
"""

from __future__ import annotations

import json
import logging
import logging.config
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from helpdesk.logs.masking import METHODS, loggable_exception, loggable_name, loggable_text, loggable_value

OURS = frozenset({"timestamp", "level", "logger", "request_id", "task_id", "parent_task_id"})
NAME = re.compile(r"[\w.:+-]{1,64}", re.ASCII)
QUOTING = frozenset({"exc", "traceback", "args", "kwargs", "argsrepr", "kwargsrepr", "return_value", "error"})
INVALID_REQUEST = "Invalid request from"  # gunicorn quotes the request's first line behind these words


class Formatter(structlog.stdlib.ProcessorFormatter):
    """One JSON object a line."""

    def __init__(self) -> None:
        super().__init__(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.ExtraAdder(),
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso"),
                name_exception,
                mask_fields,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, which stays as it is for other handlers."""
        try:
            if hasattr(record, "_logger"):  # one of structlog's: masked when it was made
                return super().format(record)
            copy = logging.makeLogRecord(record.__dict__)
            copy.msg, copy.args = _masked(copy), ()
            return super().format(copy)
        except Exception as error:  # noqa: BLE001  (logging would print the record as it is)
            return json.dumps(
                {"event": "log line failed", "logger": record.name, "error": type(error).__name__}
            )


def name_exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say of an exception its kind and place, in `exception`, and drop fields that quote it."""
    exception = event.pop("exc_info", None)
    for name in ("stack_info", "exception"):
        event.pop(name, None)
    error = exception[1] if isinstance(exception, tuple) else exception
    if exception and not isinstance(error, BaseException):
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event.pop("error", None)
        event["exception"] = loggable_exception(error)
    return event


def mask_fields(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask every field but those that this module wrote itself."""
    return {
        name if name.startswith("_") else loggable_name(name): value
        if name.startswith("_") or _is_ours(name, value)
        else loggable_value(value)
        for name, value in event.items()
    }


def configure(**_given: Any) -> None:
    """Let Celery's workers log as everything else does, instead of by handlers of its own."""
    from django.conf import settings  # noqa: PLC0415  (settings name this module)

    if not any(isinstance(handler.formatter, Formatter) for handler in logging.getLogger().handlers):
        logging.config.dictConfig(settings.LOGGING)


def _is_ours(name: str, value: Any) -> bool:
    return name == "exception" or (name in OURS and isinstance(value, str) and bool(NAME.fullmatch(value)))


def _masked(record: logging.LogRecord) -> str:
    """Return the text of a record: what is filled in is masked before it is filled in."""
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    args: Any = record.args
    if isinstance(args, Mapping):
        args = {name: "…" if name in QUOTING else loggable_value(value) for name, value in args.items()}
    elif args:
        args = tuple("…" if _is_odd_method(value, record) else loggable_value(value) for value in args)
    try:
        text = record.msg % args if args else record.msg
    except (TypeError, ValueError, KeyError):
        text = record.msg
    if text.startswith(INVALID_REQUEST):
        return INVALID_REQUEST
    return loggable_text(_without_exception(text, record))


def _is_odd_method(value: Any, record: logging.LogRecord) -> bool:
    """Tell whether a value is the request's method, and one that a stranger made up."""
    return value == getattr(getattr(record, "request", None), "method", "") and value not in METHODS


def _without_exception(text: str, record: logging.LogRecord) -> str:
    """Return a text without what the exception beside it says, which some libraries write into it."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    for message in (repr(error), str(error)) if error is not None else ():
        text = text.replace(message, "…") if message else text
    return text.partition("\nTraceback")[0]


# Our own loggers end in the same lines as the libraries'. Settings name this module: this runs once.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso"),
        name_exception,
        mask_fields,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

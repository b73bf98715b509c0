"""A call that an agent typed, or that we noted ourselves: our own document, signed by nobody but us."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from tickets.channels.base import NotUnderstood
from tickets.channels.phone.report import CallReport, Told

FORMAT = "typed"


def document(report: CallReport) -> bytes:
    """Return the raw document of a report."""
    plain = {name: getattr(report, name) for name in CallReport.__dataclass_fields__ if name != "told"}
    return json.dumps({**plain, "told": report.told.kept()}, ensure_ascii=False, sort_keys=True).encode()


def read(raw: bytes, *, received_at: datetime) -> CallReport:
    """Return the report behind a document. Raises NotUnderstood when it is none of ours."""
    try:
        given: dict[str, Any] = json.loads(raw)
        return CallReport(**{**given, "told": Told.from_kept(given["told"])})
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotUnderstood from error

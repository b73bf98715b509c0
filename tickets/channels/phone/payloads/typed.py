"""Calls that an agent logged, or that we recorded ourselves, as our own documents."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from tickets.channels.base import NotUnderstood
from tickets.channels.phone.report import CallReport, Told

FORMAT = "typed"


def document(report: CallReport) -> bytes:
    """Return a report as a JSON document for the ledger."""
    plain = {name: getattr(report, name) for name in CallReport.__dataclass_fields__ if name != "told"}
    return json.dumps({**plain, "told": report.told.kept()}, ensure_ascii=False, sort_keys=True).encode()


def read(raw: bytes, *, received_at: datetime) -> CallReport:
    """Return the report in a document. Raises NotUnderstood if it is not one of ours."""
    try:
        given: dict[str, Any] = json.loads(raw)
        return CallReport(**{**given, "told": Told.from_kept(given["told"])})
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotUnderstood from error

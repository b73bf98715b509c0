"""Guess the sender of an unreadable item. The guess is only shown to a person, never relied upon."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Guess:
    """What an item seems to contain: the sender's mail address as written, their name, and the subject."""

    sender: str = ""
    name: str = ""
    subject: str = ""


def guess_from_json(raw: bytes) -> Guess:
    """Return the fields email, name and subject of a JSON object; an empty guess for any other bytes."""
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        return Guess()
    return _read_fields(fields) if isinstance(fields, dict) else Guess()


def _read_fields(fields: Mapping[str, Any]) -> Guess:
    values = {key: str(fields.get(key) or "") for key in ("email", "name", "subject")}
    return Guess(values["email"][:320], values["name"][:200], values["subject"][:500])

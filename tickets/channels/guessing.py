"""Guess who wrote a raw thing that could not be read; nothing of it is believed before a person looked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Guess:
    """What the raw thing seems to say: the sender's mail address as written, their name, the subject."""

    sender: str = ""
    name: str = ""
    subject: str = ""


def guess_from_json(raw: bytes) -> Guess:
    """Return what a JSON object says in the fields email, name and subject; nothing of any other bytes."""
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        return Guess()
    return _of_fields(fields) if isinstance(fields, dict) else Guess()


def _of_fields(fields: Mapping[str, Any]) -> Guess:
    words = {key: str(fields.get(key) or "") for key in ("email", "name", "subject")}
    return Guess(words["email"][:320], words["name"][:200], words["subject"][:500])

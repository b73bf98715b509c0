"""Make texts storable: PostgreSQL stores any text but NUL and lone surrogates, which are no characters."""

from __future__ import annotations

import re
from typing import Any

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"
ID_DIGITS = 18


def parse_row_id(text: str) -> int | None:
    """Return the id of a row that a text names in at most 18 ASCII digits, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS else None


def is_storable(text: str) -> bool:
    """Tell whether a text contains neither NUL nor a lone surrogate."""
    return UNSTORABLE.search(text) is None


def make_storable(text: str) -> str:
    """Return a text without NUL, and with U+FFFD instead of each lone surrogate."""
    return UNSTORABLE.sub(lambda match: "" if match[0] == "\x00" else REPLACEMENT, text)


def make_json_storable(value: Any) -> Any:
    """Return a JSON value (dicts, lists, texts, numbers) in which every text, names too, is storable."""
    if isinstance(value, str):
        return make_storable(value)
    if isinstance(value, dict):
        return {make_storable(str(name)): make_json_storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [make_json_storable(inner) for inner in value]
    return value

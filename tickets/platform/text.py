"""Which text PostgreSQL can store: all but NUL and lone surrogates, which are no characters."""

from __future__ import annotations

import re
from typing import Any

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"


def is_storable(text: str) -> bool:
    """Tell whether a text has neither a NUL nor a lone surrogate in it."""
    return UNSTORABLE.search(text) is None


def make_storable(text: str) -> str:
    """Return a text without NUL, and with U+FFFD in the place of each lone surrogate."""
    return UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else REPLACEMENT, text)


def make_json_storable(value: Any) -> Any:
    """Return plain JSON values with every text in them made storable, names too."""
    if isinstance(value, str):
        return make_storable(value)
    if isinstance(value, dict):
        return {make_storable(str(name)): make_json_storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [make_json_storable(inner) for inner in value]
    return value

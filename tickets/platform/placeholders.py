"""Placeholders in stored texts, such as {customer}: what is filled in is not read for others."""

from __future__ import annotations

import re
from collections.abc import Mapping


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with each placeholder that `values` names replaced by its value."""
    pattern = "|".join(map(re.escape, values))
    return re.sub(pattern, lambda found: values[found[0]], text)

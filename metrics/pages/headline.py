"""A figure in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Headline:
    """A figure as text: the number, its basis, and how reliable it is."""

    value: str
    sample: str
    caution: str = ""
    is_faint: bool = False
    is_provisional: bool = False

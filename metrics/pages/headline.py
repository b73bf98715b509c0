"""A figure in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Headline:
    """A figure in words: the number, what it rests on, and how far to trust it."""

    value: str
    sample: str
    caution: str = ""
    is_faint: bool = False
    is_provisional: bool = False

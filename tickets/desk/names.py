"""Short names of people and channels: initials and the channel's label."""

from __future__ import annotations

from functools import cache

from django.utils.translation import get_language

from tickets.channels.registry import adapters


def initials(name: str) -> str:
    """Return up to two capital letters for a name or an address; "?" if it has no letter or digit."""
    words = [word for word in name.partition("@")[0].replace(".", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


def channel_name(slug: str) -> str:
    """Return a channel's label in the active language, or its slug if it is no longer installed."""
    return _channel_name(slug, get_language())


@cache
def _channel_name(slug: str, language: str | None) -> str:
    """Return the label; `language` is the active language, as the cache's key (a list asks 25 times)."""
    adapter = adapters().get(slug)
    return str(adapter.label) if adapter else slug

"""Short names of people and channels: initials beside a name, the word for a channel."""

from __future__ import annotations

from functools import cache

from django.utils.translation import get_language

from tickets.channels.registry import adapters


def initials(name: str) -> str:
    """Return up to two letters that stand for a name or an address."""
    words = [word for word in name.partition("@")[0].replace(".", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


def channel_name(slug: str) -> str:
    """Return what people call a channel; its slug where its folder is gone."""
    return _channel_name(slug, get_language())


@cache
def _channel_name(slug: str, language: str | None) -> str:
    """Name a channel in the active language, which is `language`; a list names 25."""
    adapter = adapters().get(slug)
    return str(adapter.label) if adapter else slug

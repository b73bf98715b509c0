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


def masked(value: str) -> str:
    """Return of an address or number only what tells two of them apart: "d…@…", "… 78"."""
    if "@" in value:
        return f"{value[0]}…@…"
    return f"… {value[-2:]}" if value else ""


def shown(value: str, *, is_hidden: bool) -> str:
    """Return an address or number as somebody may see it who perhaps only helps out for a while."""
    return masked(value) if is_hidden else value


def channel_name(slug: str) -> str:
    """Return what people call a channel; its slug where its folder is gone."""
    return _channel_name(slug, get_language())


@cache
def _channel_name(slug: str, language: str | None) -> str:
    """Name a channel in the active language, which is `language`; a list names 25."""
    adapter = adapters().get(slug)
    return str(adapter.label) if adapter else slug

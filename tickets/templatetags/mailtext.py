"""Filters for the texts of outgoing mails."""

from django import template

register = template.Library()


@register.filter
def quoted(text: str) -> str:
    """Return a text with "> " before each line."""
    return "\n".join(f"> {line}".rstrip() for line in str(text).split("\n"))

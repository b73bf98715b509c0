"""The `icon` tag, which every template knows without loading it."""

from __future__ import annotations

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
@cache
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """Return an icon of the sprite in `size` "s", "" or "l", with a `label` where it stands alone.

    Made once: a page shows dozens.
    """
    look = f"icon icon--{size}" if size else "icon"
    heard = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    address = static("helpdesk/img/icons.svg")
    return format_html('<svg class="{}" {}><use href="{}#{}"></use></svg>', look, heard, address, name)

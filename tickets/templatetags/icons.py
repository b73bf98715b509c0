"""The tag `icon`. It is built into every template, without `load`."""

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
    """Return an icon of the sprite as HTML; `size` is "s", "" (medium) or "l".

    Give a `label` to an icon without text beside it: screen readers read it. Cached: a page has dozens.
    """
    css_class = f"icon icon--{size}" if size else "icon"
    aria = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    address = static("helpdesk/img/icons.svg")
    return format_html('<svg class="{}" {}><use href="{}#{}"></use></svg>', css_class, aria, address, name)

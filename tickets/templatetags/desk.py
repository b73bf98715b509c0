"""What the desk's templates say in words and draw: moments, waits, sizes, addresses, icons."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tickets import numbers, times
from tickets.desk import names, words
from tickets.models import Attachment, Customer, Identity

register = template.Library()
register.filter("short_moment", words.short_moment)
register.filter("by_moment", words.by_moment)
register.filter("between", words.between)
register.filter("size", words.size)
register.filter("initials", names.initials)


@register.filter
def moment(at: datetime, now: datetime) -> str:
    """Return a moment in words: "today, 14:30"."""
    return times.moment(at, now=now)


@register.filter
def time_of_day(at: datetime) -> str:
    """Return the time of day: "14:30"."""
    return times.clock(timezone.localtime(at))


@register.filter
def file_icon(file: Attachment) -> str:
    """Return the icon for a file's kind."""
    return "image" if file.content_type.startswith("image/") else "file"


@register.filter
def reached_at(identity: Identity) -> str:
    """Return an address or number as people read it."""
    if identity.kind == Identity.Kind.PHONE:
        return numbers.shown(identity.value)
    return identity.display or identity.value


@register.simple_tag
@cache
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """Return an icon of the sprite, as shell/icon.html does; made once, as a page shows dozens."""
    look = f"icon icon--{size}" if size else "icon"
    heard = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    address = static("helpdesk/img/icons.svg")
    return format_html('<svg class="{}" {}><use href="{}#{}"></use></svg>', look, heard, address, name)


@register.simple_tag
def customer_list(customer: Customer) -> str:
    """Return the slug of the list of a customer's tickets."""
    return f"customer-{customer.pk}"

"""What the desk's templates say in words: moments, waits, sizes, places."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tickets import numbers, times
from tickets.desk import names
from tickets.models import Attachment, Customer, Identity

register = template.Library()
MEGABYTE = 1024 * 1024


@register.filter
def short_moment(at: datetime, now: datetime) -> str:
    """Return a moment as short as a list needs it: "11:42", "yesterday", "Fri", "9 Nov", "9 Nov 2024"."""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    days = (today - local.date()).days
    if days <= 0:
        return times.clock(local)
    if days == 1:
        return _("yesterday")
    if days < 7:
        return date_format(local, pgettext("short weekday", "D"))
    if local.year == today.year:
        return date_format(local, pgettext("short day", "j M"))
    return date_format(local, pgettext("short day with year", "j M Y"))


@register.filter
def moment(at: datetime, now: datetime) -> str:
    """Return a moment in words: "today, 14:30"."""
    return times.moment(at, now=now)


@register.filter
def by_moment(at: datetime, now: datetime) -> str:
    """Return until when: "11:40" today, "tomorrow, 9:00" on another day."""
    local = timezone.localtime(at)
    return times.clock(local) if local.date() == timezone.localtime(now).date() else times.moment(at, now=now)


@register.filter
def time_of_day(at: datetime) -> str:
    """Return the time of day: "14:30"."""
    return times.clock(timezone.localtime(at))


@register.filter
def between(earlier: datetime, later: datetime) -> str:
    """Return how long it is from one moment to the other, roughly: "12 min", "3 h", "4 days"."""
    minutes = max(int((later - earlier).total_seconds()) // 60, 0)
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return _("%(n)s h") % {"n": hours}
    days = hours // 24
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@register.filter
def size(number: int) -> str:
    """Return a number of bytes as people say it: "84 kB", "1.2 MB"."""
    if number < MEGABYTE:
        return _("%(n)s kB") % {"n": max(1, round(number / 1024))}
    return _("%(n)s MB") % {"n": f"{number / MEGABYTE:.1f}"}


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


@register.filter
def channel_icon(slug: str) -> str:
    """Return the icon of a channel."""
    return {"email": "mail", "chat": "chat", "phone": "phone", "web": "form"}.get(slug, "globe")


@register.filter
def initials(name: str) -> str:
    """Return up to two letters that stand for a name."""
    return names.initials(name)


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

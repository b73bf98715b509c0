"""Filters and tags of the desk's templates: times, sizes, addresses, links, icons of files."""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape, urlize
from django.utils.safestring import SafeString, mark_safe

from tickets.customers import personal, phone_numbers
from tickets.desk import names
from tickets.desk.writing import delivery_errors
from tickets.models import Attachment, Customer, Identity
from tickets.templatetags import wording as wording_filters

MAYBE_LINK = re.compile(r"\w[.@:]/?\w|://")

register = template.Library()
register.filters.update(wording_filters.register.filters)
register.tags.update(wording_filters.register.tags)
register.filter("initials", names.initials)
register.filter("came_back", delivery_errors.describe_error)


@register.filter(is_safe=True)
def linked(text: str) -> SafeString:
    """Return a text as HTML, with its URLs and mail addresses as links.

    A quick search first: most texts have no address, and Django's urlize is slow.
    """
    if not MAYBE_LINK.search(text):
        return escape(text)
    return mark_safe(urlize(text, nofollow=True, autoescape=True))  # noqa: S308  (urlize has escaped it)


@register.filter
def file_icon(file: Attachment) -> str:
    """Return the icon for a file's kind."""
    return "image" if file.content_type.startswith("image/") else "file"


@register.filter
def reached_at(identity: Identity) -> str:
    """Return an address as displayed, or a phone number in the international format."""
    if identity.kind == Identity.Kind.PHONE:
        return phone_numbers.format_number(identity.value)
    return identity.display or identity.value


@register.filter
def as_number(value: str) -> str:
    """Return a phone number as people read it."""
    return phone_numbers.format_number(value)


@register.filter
def shown(value: str, is_hidden: object) -> str:
    """Return an address or number, masked if `is_hidden`."""
    return personal.mask_if_hidden(value, is_hidden=bool(is_hidden))


@register.filter
def known_as(customer: Customer, is_hidden: object) -> str:
    """Return a customer's name, else their address, masked if `is_hidden`."""
    return personal.choose_display_name(customer, is_hidden=bool(is_hidden))


@register.filter
def masked(identity: Identity) -> str:
    """Return an address or number masked, so that two can be told apart: "d…@…", "… 78"."""
    return personal.mask_value(identity.value)


@register.simple_tag
def customer_list(customer: Customer) -> str:
    """Return the slug of the list of a customer's tickets."""
    return f"customer-{customer.pk}"

"""What the desk's templates say in words and draw: moments, waits, sizes, addresses."""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape, urlize
from django.utils.safestring import SafeString, mark_safe

from tickets.customers import personal, phone_numbers
from tickets.desk import names
from tickets.desk.writing import returned
from tickets.models import Attachment, Customer, Identity
from tickets.templatetags import wording as said

MAYBE_LINK = re.compile(r"\w[.@:]/?\w|://")

register = template.Library()
register.filters.update(said.register.filters)
register.tags.update(said.register.tags)
register.filter("initials", names.initials)
register.filter("came_back", returned.in_words)


@register.filter(is_safe=True)
def linked(text: str) -> SafeString:
    """Return a text with its addresses as links, escaped; most texts have none and are not searched."""
    if not MAYBE_LINK.search(text):
        return escape(text)
    return mark_safe(urlize(text, nofollow=True, autoescape=True))  # noqa: S308  (urlize has escaped it)


@register.filter
def file_icon(file: Attachment) -> str:
    """Return the icon for a file's kind."""
    return "image" if file.content_type.startswith("image/") else "file"


@register.filter
def reached_at(identity: Identity) -> str:
    """Return an address or number as people read it."""
    if identity.kind == Identity.Kind.PHONE:
        return phone_numbers.format_number(identity.value)
    return identity.display or identity.value


@register.filter
def shown(value: str, is_hidden: object) -> str:
    """Return an address or number, masked where it is hidden."""
    return personal.mask_if_hidden(value, is_hidden=bool(is_hidden))


@register.filter
def known_as(customer: Customer, is_hidden: object) -> str:
    """Return a customer's name; an address that stands for it is masked where it is hidden."""
    return personal.choose_display_name(customer, is_hidden=bool(is_hidden))


@register.filter
def masked(identity: Identity) -> str:
    """Return of an address or number only what tells two of them apart: "d…@…", "… 78"."""
    return personal.mask_value(identity.value)


@register.simple_tag
def customer_list(customer: Customer) -> str:
    """Return the slug of the list of a customer's tickets."""
    return f"customer-{customer.pk}"

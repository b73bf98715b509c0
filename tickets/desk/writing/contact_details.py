"""Recognise whether an agent typed a mail address or a phone number, and normalise it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tickets.customers import phone_numbers
from tickets.customers.mail_addresses import normalise_email
from tickets.errors import Invalid
from tickets.models import Identity

REGIONS = ("FR",)  # a number without a country code is read as French


class NotReachable(Invalid):
    """The typed text is neither a mail address nor a phone number."""

    code = "not_reachable"
    sentence = _(
        "This is neither an email address nor a phone number. Enter a number with the "
        "country code, such as +33 6 12 34 56 78."
    )


class SeveralNumbers(Invalid):
    """The typed text could be more than one number."""

    code = "several_numbers"
    sentence = _("This could be more than one number. Enter it with the country code.")


def parse_contact_detail(typed: str) -> tuple[str, str]:
    """Return the identity's kind and its value: ("email", "dana@example.org") or ("phone", "+33612345678").

    Raises:
        NotReachable: the text is neither a mail address nor a phone number.
        SeveralNumbers: it could be more than one number.
    """
    if email := normalise_email(typed):
        return Identity.Kind.EMAIL.value, email
    numbers = phone_numbers.read_typed(typed, regions=REGIONS)
    if len(numbers) > 1:
        raise SeveralNumbers
    if numbers:
        return Identity.Kind.PHONE.value, numbers[0]
    raise NotReachable

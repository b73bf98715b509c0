"""What an agent types to reach somebody by: a mail address or a phone number, told apart, in one form."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tickets.customers import phone_numbers
from tickets.customers.mail_addresses import normalise_email
from tickets.errors import Invalid
from tickets.models import Identity

REGIONS = ("FR",)  # read a number without a country as French; anything else is written with its country


class NotReachable(Invalid):
    """What was typed is neither an address nor a number."""

    code = "not_reachable"
    sentence = _(
        "This is neither an email address nor a phone number. Enter a number with the "
        "country code, such as +33 6 12 34 56 78."
    )


def read(typed: str) -> tuple[str, str]:
    """Return the kind of identity and its value: ("email", …) or ("phone", "+33612345678").

    Raises:
        NotReachable: neither the one nor the other.
    """
    if email := normalise_email(typed):
        return Identity.Kind.EMAIL.value, email
    if number := phone_numbers.normalise_number(typed, regions=REGIONS):
        return Identity.Kind.PHONE.value, number
    raise NotReachable

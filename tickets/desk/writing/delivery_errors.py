"""Delivery errors in words: what the enhanced status codes of RFC 3463 mean for an agent."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.models.channels.delivery_error import DeliveryError

CODE = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})")
WORDS: tuple[tuple[str, Promise | str], ...] = (
    ("1.", _("This address does not exist.")),
    ("2.1", _("This mailbox is switched off.")),
    ("2.2", _("This mailbox is full.")),
    ("2.3", _("The mail is too large for this mailbox.")),
    ("3.4", _("The mail is too large for their mail server.")),
    ("4.", _("Their mail server could not be reached.")),
    ("7.", _("Their mail server refuses mail from us.")),
)


def describe_error(error: DeliveryError | None) -> str:
    """Return why a message was not delivered: the code's meaning, and the server's own words in brackets.

    "This address does not exist. (5.1.1 No such user)"; without a known code only the server's words, such as
    "550 no such user"; an empty text if there is no error.
    """
    if error is None:
        return ""
    code = CODE.fullmatch(error.code)
    if code is None:
        return str(error)
    meanings = (meaning for prefix, meaning in WORDS if code[1].startswith(prefix))
    return f"{next(meanings, _('Their mail server said no.'))} ({error})"

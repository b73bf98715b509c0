"""Why something did not arrive, in words: the codes of RFC 3463 are for machines."""

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


def in_words(error: DeliveryError | None) -> str:
    """Return why something did not arrive: what its code means, if it is known, and what the other side said.

    "This address does not exist. (5.1.1 No such user)", "550 no such user"; an empty text for no error.
    """
    if error is None:
        return ""
    code = CODE.fullmatch(error.code)
    if code is None:
        return str(error)
    words = next((said for part, said in WORDS if code[1].startswith(part)), _("Their mail server said no."))
    return f"{words} ({error})"

"""Why a mail came back, in words: the codes of RFC 3463 are for machines."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


def in_words(error: str) -> str:
    """Return what is kept of a failed delivery with a bare status code put into words: “… (5.2.2)”."""
    code = CODE.fullmatch(error.strip())
    if code is None:
        return error
    words = next((said for part, said in WORDS if code[1].startswith(part)), _("Their mail server said no."))
    return f"{words} ({error.strip()})"

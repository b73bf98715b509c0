"""What every signed webhook shares: the refusal, and how old a signature may be."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tickets.errors import DomainError

TOLERANCE_SECONDS = 300


class Refused(DomainError):
    """A webhook without a genuine, recent signature."""

    code = "refused"
    status = 401
    sentence = _("The signature does not match.")


def is_recent(stamp: str, *, now: datetime) -> bool:
    """Tell whether a unix time lies within five minutes of `now`, on either side."""
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    return abs(now.timestamp() - int(stamp)) <= TOLERANCE_SECONDS

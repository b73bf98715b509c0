"""Detect and stop mail loops between two machines that answer each other."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from tickets.channels.base import Placed, Weighed
from tickets.delivery import auto_mail
from tickets.limits import rate_limits
from tickets.models import Inbound
from tickets.platform import crypto

HOUR, TEN_MINUTES = timedelta(hours=1), timedelta(minutes=10)
FROM_ONE_SENDER_AN_HOUR = 20
ON_ONE_TICKET_IN_TEN_MINUTES = 10
REOPENED_AN_HOUR = 3


def weigh(
    address: str,
    subject: str,
    ticket_id: int | None,
    *,
    reopens: bool = False,
    wants_answer: bool = False,
    now: datetime,
) -> Weighed:
    """Count a mail from a sender, in one statement, and return whether it is refused or may be acknowledged.

    Headers are not enough, because not every machine declares itself. Many different mails from a sender are
    not a loop, but stop automatic mail to them for an hour. A loop is the same subject again and again, a
    ticket that gets a mail every minute, or one that is reopened again and again. With `wants_answer` an
    acknowledgement is counted too.
    """
    every = rate_limits.Limit(f"from:{address}", FROM_ONE_SENDER_AN_HOUR, HOUR)
    loops = [
        rate_limits.Limit(f"on:{ticket_id}:{address}", ON_ONE_TICKET_IN_TEN_MINUTES, TEN_MINUTES)
        if ticket_id is not None
        else rate_limits.Limit(f"same:{_digest(address, subject)}", FROM_ONE_SENDER_AN_HOUR, HOUR)
    ]
    if ticket_id is not None and reopens:
        loops.append(rate_limits.Limit(f"reopened:{ticket_id}", REOPENED_AN_HOUR, HOUR))
    answers = auto_mail.build_limits(address) if wants_answer and auto_mail.is_read_by_person(address) else []
    exceeded = set(rate_limits.count_and_find_exceeded([every, *loops, *answers], now=now))
    if exceeded & {every, *loops}:
        auto_mail.pause_automatic_mail(address, now=now)
    is_loop = bool(exceeded & set(loops))
    may_be_answered = bool(answers) and not exceeded & set(answers)
    return Weighed(may_be_answered, _refused() if is_loop else None)


def _refused() -> Placed:
    why = _("So many mails came from this sender that two machines may be answering each other.")
    return Placed(Inbound.State.QUARANTINED, "possible_loop", said=str(why))


def _digest(address: str, subject: str) -> str:
    return crypto.digest(f"{address} {' '.join(subject.lower().split())}")[:40]

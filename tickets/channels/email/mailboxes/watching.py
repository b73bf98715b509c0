"""Watch over the mailboxes: what is the matter with one is told on the desk, by mail and in /readyz."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Max
from django.utils import translation

from tickets import events
from tickets.actor import SYSTEM
from tickets.channels.email.mailboxes import oauth
from tickets.channels.email.mailboxes.trouble import Trouble
from tickets.delivery import outbox
from tickets.models import Channel, Inbound, Mailbox, Outbound
from tickets.platform.sql import load_row

PATIENCE = timedelta(minutes=10)
LOOKED_BACK = timedelta(days=28)
FEWEST_MAILS = 20
SHORTEST_SILENCE = timedelta(hours=4)

# The longest pause between two mails of the last weeks; how many there were.
PAUSES = """
SELECT count(*) AS mails, max(received_at - before) AS longest FROM (
    SELECT received_at, lag(received_at) OVER (ORDER BY received_at) AS before
    FROM tickets_inbound WHERE channel_id = %s AND kind = 'message' AND received_at > %s
) AS pauses
"""


class Pauses(NamedTuple):
    """How many mails came, and the longest pause between two of them."""

    mails: int
    longest: timedelta | None


def matter(mailbox: Mailbox, *, now: datetime) -> str:
    """Return the code of what is the matter with a mailbox (see trouble.SENTENCES), or an empty text."""
    if mailbox.is_fetched:
        if mailbox.failing_since and now - mailbox.failing_since >= PATIENCE:
            return mailbox.trouble or "server"
        begun = mailbox.last_success_at or mailbox.changed_at
        if begun and not mailbox.failing_since and now - begun >= PATIENCE:
            return "not_read"
    return oauth.ends_soon(mailbox, now=now) or ("quiet" if is_quiet(mailbox, now=now) else "")


def is_quiet(mailbox: Mailbox, *, now: datetime) -> bool:
    """Tell whether no mail has come for longer than expected."""
    longest = expected_silence(mailbox, now=now)
    last = last_mail_at(mailbox)
    return bool(longest and last and now - last > longest)


def expected_silence(mailbox: Mailbox, *, now: datetime) -> timedelta | None:
    """Return how long a silence is usual, or None when nobody can say.

    What the administrator set; else twice the longest pause of the last four weeks, at least four hours, when
    there were twenty mails or more.
    """
    if mailbox.quiet_hours is not None:
        return timedelta(hours=mailbox.quiet_hours) if mailbox.quiet_hours else None
    pauses = load_row(Pauses, PAUSES, [mailbox.channel_id, now - LOOKED_BACK])
    if pauses.mails < FEWEST_MAILS or pauses.longest is None:
        return None
    return max(2 * pauses.longest, SHORTEST_SILENCE)


def last_mail_at(mailbox: Mailbox) -> datetime | None:
    """Return when the last mail came."""
    mails = Inbound.objects.filter(channel_id=mailbox.channel_id, kind="message")
    last: datetime | None = mails.aggregate(at=Max("received_at"))["at"]
    return last


def watch(*, now: datetime) -> int:
    """Tell of what has become the matter with a mailbox, and of what is over; return how many were told of.

    Each is told once: on the desk as long as it lasts, by a mail when it begins and when it ends.
    """
    told = 0
    for mailbox in _all():
        code = matter(mailbox, now=now)
        if code != mailbox.told_of:
            told += _tell(mailbox, code, now=now)
    return told


def with_rows() -> None:
    """Give every mailbox a row that never had any settings: mails are brought to it."""
    bare = Channel.objects.mailboxes().filter(is_active=True, mailbox=None).exclude(address="")
    Mailbox.objects.bulk_create([Mailbox(channel=c) for c in bare], ignore_conflicts=True)


def _all() -> list[Mailbox]:
    with_rows()
    return list(Mailbox.objects.filter(channel__is_active=True).select_related("channel").order_by("pk"))


def _tell(mailbox: Mailbox, code: str, *, now: datetime) -> int:
    before = mailbox.told_of
    rows = Mailbox.objects.filter(pk=mailbox.pk, told_of=before)
    if not rows.update(told_of=code, told_at=now):
        return 0
    kind = "mailbox.failing" if code else "mailbox.recovered"
    data = {"mailbox": mailbox.pk, "trouble": code or before}
    events.record(kind, by=SYSTEM, at=now, queue_id=mailbox.channel.queue_id, data=data)
    for person in get_user_model().objects.filter(is_active=True, is_superuser=True).order_by("pk"):
        _mail(person.email, person.language, mailbox, code, now=now)
    return 1


def _mail(to: str, language: str, mailbox: Mailbox, code: str, *, now: datetime) -> None:
    """Write to an administrator, never through the mailbox that is in trouble."""
    payload = {
        "template": "tickets/mail/mailbox",
        "language": language,
        "mailbox": {"id": mailbox.pk, "address": mailbox.address},
        "trouble": code,
        "sentence": sentence(mailbox, code, language) if code else "",
    }
    outbox.add_outbound(Outbound.Kind.NOTICE, channel=None, to=to, payload=payload, now=now)


def sentence(mailbox: Mailbox, code: str, language: str | None = None) -> str:
    """Return in words what is the matter, in a language or in the active one."""
    with translation.override(language or translation.get_language() or "en"):
        return Trouble(code, mailbox.trouble_detail).sentence(mailbox.imap_host, mailbox.imap_port)

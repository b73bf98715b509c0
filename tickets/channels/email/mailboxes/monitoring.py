"""Monitor the mailboxes, and report problems on the desk, by mail and in /readyz."""

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
PERIOD = timedelta(days=28)
MIN_MAILS = 20
MIN_SILENCE = timedelta(hours=4)

PAUSES = """
SELECT count(*) AS mails, max(received_at - before) AS longest FROM (
    SELECT received_at, lag(received_at) OVER (ORDER BY received_at) AS before
    FROM tickets_inbound WHERE channel_id = %s AND kind = 'message' AND received_at > %s
) AS pauses
"""


class Pauses(NamedTuple):
    """The number of mails received in a period, and the longest pause between two of them."""

    mails: int
    longest: timedelta | None


def find_problem(mailbox: Mailbox, *, now: datetime) -> str:
    """Return the code of a mailbox's problem (a key of trouble.SENTENCES), or an empty text."""
    if mailbox.is_fetched:
        if mailbox.failing_since and now - mailbox.failing_since >= PATIENCE:
            return mailbox.trouble or "server"
        last_read_at = mailbox.last_success_at or mailbox.changed_at
        if last_read_at and not mailbox.failing_since and now - last_read_at >= PATIENCE:
            return "not_read"
    return oauth.find_expiring(mailbox, now=now) or ("quiet" if is_quiet(mailbox, now=now) else "")


def is_quiet(mailbox: Mailbox, *, now: datetime) -> bool:
    """Return whether no mail has come for longer than `load_expected_silence`."""
    longest = load_expected_silence(mailbox, now=now)
    last = find_last_mail_at(mailbox)
    return bool(longest and last and now - last > longest)


def load_expected_silence(mailbox: Mailbox, *, now: datetime) -> timedelta | None:
    """Return the longest time without mail that is still normal, or None if unknown.

    It is what the administrator has set, or else twice the longest pause of the last four weeks, but at least
    four hours; unknown if fewer than twenty mails came in that time.
    """
    if mailbox.quiet_hours is not None:
        return timedelta(hours=mailbox.quiet_hours) if mailbox.quiet_hours else None
    pauses = load_row(Pauses, PAUSES, [mailbox.channel_id, now - PERIOD])
    if pauses.mails < MIN_MAILS or pauses.longest is None:
        return None
    return max(2 * pauses.longest, MIN_SILENCE)


def find_last_mail_at(mailbox: Mailbox) -> datetime | None:
    """Return when the last mail was received, or None."""
    mails = Inbound.objects.filter(channel_id=mailbox.channel_id, kind="message")
    last: datetime | None = mails.aggregate(at=Max("received_at"))["at"]
    return last


def report_problems(*, now: datetime) -> int:
    """Report new problems of mailboxes, and those that are over; return the number of reports.

    Each is reported once: by mail when it begins and when it ends, and on the desk as long as it lasts.
    """
    count = 0
    for mailbox in _load_mailboxes():
        code = find_problem(mailbox, now=now)
        if code != mailbox.told_of:
            count += _report_problem(mailbox, code, now=now)
    return count


def create_missing_rows() -> None:
    """Create the Mailbox row of channels that have none, because their mails are delivered to us."""
    channels = Channel.objects.mailboxes().filter(is_active=True, mailbox=None).exclude(address="")
    Mailbox.objects.bulk_create([Mailbox(channel=c) for c in channels], ignore_conflicts=True)


def _load_mailboxes() -> list[Mailbox]:
    create_missing_rows()
    return list(Mailbox.objects.filter(channel__is_active=True).select_related("channel").order_by("pk"))


def _report_problem(mailbox: Mailbox, code: str, *, now: datetime) -> int:
    before = mailbox.told_of
    # Guarded by the previous value, so that two processes do not report the same problem.
    rows = Mailbox.objects.filter(pk=mailbox.pk, told_of=before)
    if not rows.update(told_of=code, told_at=now):
        return 0
    kind = "mailbox.failing" if code else "mailbox.recovered"
    data = {"mailbox": mailbox.pk, "trouble": code or before}
    events.record(kind, by=SYSTEM, at=now, queue_id=mailbox.channel.queue_id, data=data)
    for person in get_user_model().objects.filter(is_active=True, is_superuser=True).order_by("pk"):
        _mail_administrator(person.email, person.language, mailbox, code, now=now)
    return 1


def _mail_administrator(to: str, language: str, mailbox: Mailbox, code: str, *, now: datetime) -> None:
    """Mail an administrator by the installation's server, because the mailbox itself may not work."""
    payload = {
        "template": "tickets/mail/mailbox",
        "language": language,
        "mailbox": {"id": mailbox.pk, "address": mailbox.address},
        "trouble": code,
        "sentence": describe_problem(mailbox, code, language) if code else "",
    }
    outbox.add_outbound(Outbound.Kind.NOTICE, channel=None, to=to, payload=payload, now=now)


def describe_problem(mailbox: Mailbox, code: str, language: str | None = None) -> str:
    """Return the sentence for a problem, in `language` or in the active one."""
    with translation.override(language or translation.get_language() or "en"):
        return Trouble(code, mailbox.trouble_detail).sentence(mailbox.imap_host, mailbox.imap_port)

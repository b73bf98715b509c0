"""Mailbox reconciliation: for each day, the mails on the server, those in the ledger, and their outcomes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.channels.email.mailboxes import monitoring
from tickets.desk.page.bubble import MATCH_REASONS
from tickets.models import Inbound, Mailbox, MailSeen

DAYS = 14
RULES: dict[str, str | Promise] = {
    "notice": _("an automatic message that belongs to no ticket"),
    "mailbox_test": _("our own test of the mailbox"),
    "bounce": _("one of our emails that bounced"),
    "new_call": _("a new call"),
    "same_call": _("news of a call that is known"),
    "still_ringing": _("a call that was still ringing"),
    "outgoing_call": _("a call of ours"),
    "chat_session": _("part of the same conversation"),
    "complaint": _("a recipient marked one of our emails as spam"),
}
MAX_ROWS = 500


@dataclass
class Day:
    """One day of a mailbox: numbers of mails on the server, in the ledger, and by outcome (ledger state)."""

    day: date
    on_server: int = 0
    in_ledger: int = 0
    to_fetch: int = 0
    gone: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def opened(self) -> int:
        return self.outcomes[Inbound.State.OPENED]

    @property
    def joined(self) -> int:
        return self.outcomes[Inbound.State.ATTACHED] + self.outcomes[Inbound.State.PENDING]

    @property
    def ignored(self) -> int:
        return self.outcomes[Inbound.State.IGNORED]

    @property
    def kept(self) -> int:
        return self.outcomes[Inbound.State.KEPT]

    @property
    def aside(self) -> int:
        return self.outcomes[Inbound.State.QUARANTINED]

    @property
    def to_read(self) -> int:
        return self.outcomes[Inbound.State.STORED] + self.outcomes[Inbound.State.FAILED]

    @property
    def missing(self) -> int:
        """The number of mails that were on the server and are not in the ledger."""
        return self.to_fetch + self.gone


@dataclass(frozen=True)
class Account:
    """The reconciliation of a mailbox: its days, sums, and its present problem, if any."""

    mailbox: Mailbox
    days: list[Day]
    on_server: int | None
    to_fetch: int
    to_read: int
    aside: int
    last_mail_at: datetime | None
    expected: timedelta | None
    problem: str
    sentence: str

    @property
    def hours(self) -> int:
        """The hours without mail after which a problem is reported; 0 if unknown."""
        return round(self.expected.total_seconds() / 3600) if self.expected else 0

    @property
    def days_with_mail(self) -> list[Day]:
        """The days on which mail came."""
        return [day for day in self.days if day.on_server or day.in_ledger]

    @property
    def is_all_there(self) -> bool:
        return self.to_fetch == 0 and self.to_read == 0


def build_account(mailbox: Mailbox, *, now: datetime, days: int = DAYS) -> Account:
    """Return the reconciliation of a mailbox for the last `days` days, newest first."""
    today = timezone.localtime(now).date()
    first = today - timedelta(days=days - 1)
    by_date = {first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range(days)}
    fill = _fill_fetched if mailbox.is_fetched else _fill_delivered
    fill(mailbox, by_date, since=_get_day_start(first))
    code = monitoring.find_problem(mailbox, now=now)
    received = Inbound.objects.filter(channel=mailbox.channel_id, kind="message")
    return Account(
        mailbox=mailbox,
        days=sorted(by_date.values(), key=lambda d: d.day, reverse=True),
        on_server=sum(f.on_server or 0 for f in mailbox.folders.all()) if mailbox.is_fetched else None,
        to_fetch=MailSeen.objects.filter(folder__mailbox=mailbox, state=MailSeen.State.WAITING).count(),
        to_read=received.filter(state__in=(Inbound.State.STORED, Inbound.State.FAILED)).count(),
        aside=received.needing_attention().count(),
        last_mail_at=monitoring.find_last_mail_at(mailbox),
        expected=monitoring.load_expected_silence(mailbox, now=now),
        problem=code,
        sentence=monitoring.describe_problem(mailbox, code) if code else "",
    )


def describe_outcome(row: Inbound) -> str:
    """Return in words why a ledger row has its state; empty if it opened a ticket in the ordinary way."""
    if row.rule in MATCH_REASONS:
        return str(MATCH_REASONS[row.rule])
    if row.rule in RULES:
        return str(RULES[row.rule])
    return "" if row.state == Inbound.State.OPENED or not row.why else gettext(row.why)


def load_day(mailbox: Mailbox, day: date) -> tuple[list[tuple[Inbound, str]], list[MailSeen]]:
    """Return the ledger rows of one day, each with its outcome in words, and the mails that have no row."""
    start, end = _get_day_start(day), _get_day_start(day + timedelta(days=1))
    mails = _find_seen(mailbox).filter(server_at__gte=start, server_at__lt=end)
    missing = list(mails.filter(inbound=None).order_by("server_at")[:MAX_ROWS]) if mailbox.is_fetched else []
    if mailbox.is_fetched:
        rows = Inbound.objects.filter(pk__in=mails.values("inbound"))
    else:
        rows = Inbound.objects.filter(channel=mailbox.channel_id, kind="message")
        rows = rows.filter(received_at__gte=start, received_at__lt=end)
    ordered = rows.select_related("ticket").order_by("received_at", "pk")[:MAX_ROWS]
    return [(row, describe_outcome(row)) for row in ordered], missing


def _fill_fetched(mailbox: Mailbox, days: dict[date, Day], *, since: datetime) -> None:
    groups = (
        _find_seen(mailbox)
        .filter(server_at__gte=since)
        .annotate(day=TruncDate("server_at"), outcome=F("inbound__state"))
        .values("day", "state", "outcome")
        .annotate(n=Count("pk"))
    )
    for group in groups:
        day = days.get(group["day"])
        if day is None:
            continue
        day.on_server += group["n"]
        if group["outcome"]:
            day.in_ledger += group["n"]
            day.outcomes[group["outcome"]] += group["n"]
        elif group["state"] == MailSeen.State.WAITING:
            day.to_fetch += group["n"]
        else:
            day.gone += group["n"]


def _fill_delivered(mailbox: Mailbox, days: dict[date, Day], *, since: datetime) -> None:
    rows = Inbound.objects.filter(channel=mailbox.channel_id, kind="message", received_at__gte=since)
    groups = rows.annotate(day=TruncDate("received_at")).values("day", "state").annotate(n=Count("pk"))
    for group in groups:
        if (day := days.get(group["day"])) is not None:
            day.in_ledger += group["n"]
            day.outcomes[group["state"]] += group["n"]


def _find_seen(mailbox: Mailbox) -> QuerySet[MailSeen]:
    renumbered = Q(state=MailSeen.State.RENUMBERED)
    return MailSeen.objects.filter(folder__mailbox=mailbox).exclude(renumbered)


def _get_day_start(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone()).astimezone(UTC)

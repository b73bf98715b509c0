"""Every message accounted for: what the server has, day by day, what the ledger has, what became of it."""

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

from tickets.channels.email.mailboxes import watching
from tickets.desk.page.said import FOUND_BY
from tickets.models import Inbound, Mailbox, MailSeen

DAYS = 14
RULES: dict[str, str | Promise] = {
    "mailbox_test": _("our own test of the mailbox"),
    "bounce": _("one of our emails that bounced"),
    "new_call": _("a new call"),
    "same_call": _("news of a call that is known"),
    "still_ringing": _("a call that was still ringing"),
    "outgoing_call": _("a call of ours"),
    "chat_session": _("part of the same conversation"),
    "complaint": _("a recipient marked one of our emails as spam"),
}
SHOWN = 500


@dataclass
class Day:
    """One day of a mailbox: what came, and what became of it. The parts add up to the whole."""

    day: date
    on_server: int = 0
    in_ledger: int = 0
    to_fetch: int = 0
    gone: int = 0
    ended: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def opened(self) -> int:
        return self.ended[Inbound.State.OPENED]

    @property
    def joined(self) -> int:
        return self.ended[Inbound.State.ATTACHED] + self.ended[Inbound.State.PENDING]

    @property
    def ignored(self) -> int:
        return self.ended[Inbound.State.IGNORED]

    @property
    def aside(self) -> int:
        return self.ended[Inbound.State.QUARANTINED]

    @property
    def to_read(self) -> int:
        return self.ended[Inbound.State.STORED] + self.ended[Inbound.State.FAILED]

    @property
    def missing(self) -> int:
        """How many the server has had that are not in the ledger."""
        return self.to_fetch + self.gone


@dataclass(frozen=True)
class Account:
    """A mailbox's account: its days, its sums, and how it is doing."""

    mailbox: Mailbox
    days: list[Day]
    on_server: int | None
    to_fetch: int
    to_read: int
    aside: int
    last_mail_at: datetime | None
    expected: timedelta | None
    matter: str
    sentence: str

    @property
    def hours(self) -> int:
        """The silence after which somebody is told, in hours."""
        return round(self.expected.total_seconds() / 3600) if self.expected else 0

    @property
    def filled(self) -> list[Day]:
        """The days on which anything came."""
        return [day for day in self.days if day.on_server or day.in_ledger]

    @property
    def is_all_there(self) -> bool:
        return self.to_fetch == 0 and self.to_read == 0


def account_of(mailbox: Mailbox, *, now: datetime, days: int = DAYS) -> Account:
    """Return a mailbox's account of the last days, today first."""
    today = timezone.localtime(now).date()
    first = today - timedelta(days=days - 1)
    found = {first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range(days)}
    fill = _fill_fetched if mailbox.is_fetched else _fill_brought
    fill(mailbox, found, since=_start_of(first))
    code = watching.matter(mailbox, now=now)
    received = Inbound.objects.filter(channel=mailbox.channel_id, kind="message")
    return Account(
        mailbox=mailbox,
        days=sorted(found.values(), key=lambda d: d.day, reverse=True),
        on_server=sum(f.on_server or 0 for f in mailbox.folders.all()) if mailbox.is_fetched else None,
        to_fetch=MailSeen.objects.filter(folder__mailbox=mailbox, state=MailSeen.State.WAITING).count(),
        to_read=received.filter(state__in=(Inbound.State.STORED, Inbound.State.FAILED)).count(),
        aside=received.needing_attention().count(),
        last_mail_at=watching.last_mail_at(mailbox),
        expected=watching.expected_silence(mailbox, now=now),
        matter=code,
        sentence=watching.sentence(mailbox, code) if code else "",
    )


def why(row: Inbound) -> str:
    """Return in words why a row ended as it did."""
    if row.rule in FOUND_BY:
        return str(FOUND_BY[row.rule])
    if row.rule in RULES:
        return str(RULES[row.rule])
    return "" if row.state == Inbound.State.OPENED or not row.why else gettext(row.why)


def of_day(mailbox: Mailbox, day: date) -> tuple[list[tuple[Inbound, str]], list[MailSeen]]:
    """Return the ledger's rows of one day, each with why it ended so, and the mails that never got there."""
    start, end = _start_of(day), _start_of(day + timedelta(days=1))
    seen = _seen(mailbox).filter(server_at__gte=start, server_at__lt=end)
    lost = list(seen.filter(inbound=None).order_by("server_at")[:SHOWN]) if mailbox.is_fetched else []
    if mailbox.is_fetched:
        rows = Inbound.objects.filter(pk__in=seen.values("inbound"))
    else:
        rows = Inbound.objects.filter(channel=mailbox.channel_id, kind="message")
        rows = rows.filter(received_at__gte=start, received_at__lt=end)
    ordered = rows.select_related("ticket").order_by("received_at", "pk")[:SHOWN]
    return [(row, why(row)) for row in ordered], lost


def _fill_fetched(mailbox: Mailbox, days: dict[date, Day], *, since: datetime) -> None:
    groups = (
        _seen(mailbox)
        .filter(server_at__gte=since)
        .annotate(day=TruncDate("server_at"), ended=F("inbound__state"))
        .values("day", "state", "ended")
        .annotate(n=Count("pk"))
    )
    for group in groups:
        day = days.get(group["day"])
        if day is None:
            continue
        day.on_server += group["n"]
        if group["ended"]:
            day.in_ledger += group["n"]
            day.ended[group["ended"]] += group["n"]
        elif group["state"] == MailSeen.State.WAITING:
            day.to_fetch += group["n"]
        else:
            day.gone += group["n"]


def _fill_brought(mailbox: Mailbox, days: dict[date, Day], *, since: datetime) -> None:
    rows = Inbound.objects.filter(channel=mailbox.channel_id, kind="message", received_at__gte=since)
    groups = rows.annotate(day=TruncDate("received_at")).values("day", "state").annotate(n=Count("pk"))
    for group in groups:
        if (day := days.get(group["day"])) is not None:
            day.in_ledger += group["n"]
            day.ended[group["state"]] += group["n"]


def _seen(mailbox: Mailbox) -> QuerySet[MailSeen]:
    renumbered = Q(state=MailSeen.State.RENUMBERED)
    return MailSeen.objects.filter(folder__mailbox=mailbox).exclude(renumbered)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone()).astimezone(UTC)

"""The list of kept automatic messages: filter by kind and words, and create a ticket from one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from tickets.actor import Actor
from tickets.desk.page import notices
from tickets.desk.page.notices import NoticeContext
from tickets.errors import WrongState
from tickets.intake import ledger, receive
from tickets.intake.receive import Outcome
from tickets.models import Notice

SHOWN = 50


@dataclass(frozen=True)
class KeptNotice:
    """One row of the list: the notice, its content in one sentence, and why it opened no ticket."""

    notice: Notice
    sentence: str
    why: str
    refused: str

    @property
    def icon(self) -> str:
        return notices.choose_icon(self.notice.kind)

    @property
    def shows_subject(self) -> bool:
        """Whether to show the subject too; a mailing list's sentence quotes it already."""
        return bool(self.notice.subject) and self.notice.says.get("quote") != self.notice.subject


@dataclass(frozen=True)
class NoticePage:
    """One page of the list, the newest first.

    `kinds` are (kind, label, number of rows), and `total` their sum; `found` is the number that match the
    filters. `earlier` is the id before which the next page begins, or None.
    """

    rows: list[KeptNotice]
    kinds: list[tuple[str, str, int]]
    total: int
    found: int
    earlier: int | None


def load_kept_notices(
    actor: Actor, *, kind: str, words: str, before: int | None, now: datetime
) -> NoticePage:
    """Return a page of the notices that the actor may see, of one `kind` or all, that contain all `words`.

    `before` is the id before which the page begins.
    """
    seen = Notice.objects.visible_to(actor)
    counts = dict(seen.order_by().values_list("kind").annotate(n=Count("pk")))
    matching = seen.filter(kind=kind) if kind in Notice.Kind.values else seen
    matching = matching.matching_words(words)
    found = matching.count()
    page = matching.filter(pk__lt=before) if before is not None else matching
    rows = list(page.select_related("inbound__channel__queue").order_by("-pk")[: SHOWN + 1])
    return NoticePage(
        rows=[_build_row(row, now=now) for row in rows[:SHOWN]],
        kinds=[(value, str(label), counts[value]) for value, label in Notice.Kind.choices if value in counts],
        total=sum(counts.values()),
        found=found,
        earlier=rows[SHOWN - 1].pk if len(rows) > SHOWN else None,
    )


def make_ticket(notice: Notice, *, by: Actor, now: datetime) -> Outcome:
    """Create an ordinary ticket from a kept message. Its time begins now, not when the message arrived.

    Raises:
        WrongState: somebody has done so already.
    """
    row = notice.inbound
    if not ledger.choose(row, by=by, now=now):
        raise WrongState(_("Somebody has already handled this."))
    return receive.process(row.pk, now=now)


def _build_row(notice: Notice, *, now: datetime) -> KeptNotice:
    reading = NoticeContext(notice.name or notice.sender, now, sender=notice.sender)
    return KeptNotice(
        notice,
        sentence=notices.describe_notice(notice.says, reading),
        why=str(notices.KEPT_BECAUSE[notice.kind]),
        refused=_(notice.inbound.why) if notice.inbound.why else "",
    )

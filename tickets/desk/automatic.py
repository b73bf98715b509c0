"""The automatic messages that were kept: found by kind and words, and made tickets of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from tickets.actor import Actor
from tickets.desk.page import notices
from tickets.desk.page.notices import Reading
from tickets.errors import WrongState
from tickets.intake import ledger, receive
from tickets.intake.receive import Outcome
from tickets.models import Notice

SHOWN = 50


@dataclass(frozen=True)
class Kept:
    """One kept message as the list shows it: what it says, of whom, and why it opened no ticket."""

    notice: Notice
    sentence: str
    why: str
    refused: str

    @property
    def icon(self) -> str:
        return notices.icon_of(self.notice.kind)

    @property
    def shows_subject(self) -> bool:
        """Whether the subject says more than the sentence, which quotes it of a mailing list."""
        return bool(self.notice.subject) and self.notice.says.get("quote") != self.notice.subject


@dataclass(frozen=True)
class Listed:
    """One page of the list, the newest first; `earlier` is where the next page begins.

    `kinds` are the kinds there are with how many of each, `total` how many there are of all.
    """

    rows: list[Kept]
    kinds: list[tuple[str, str, int]]
    total: int
    found: int
    earlier: int | None


def load_list(actor: Actor, *, kind: str, words: str, before: int | None, now: datetime) -> Listed:
    """Return the kept messages of this person's queues, of one kind or all, that hold these words."""
    seen = Notice.objects.visible_to(actor)
    counts = dict(seen.order_by().values_list("kind").annotate(n=Count("pk")))
    matching = seen.filter(kind=kind) if kind in Notice.Kind.values else seen
    matching = matching.holding(words)
    found = matching.count()
    page = matching.filter(pk__lt=before) if before is not None else matching
    rows = list(page.select_related("inbound__channel__queue").order_by("-pk")[: SHOWN + 1])
    return Listed(
        rows=[_shown(row, now=now) for row in rows[:SHOWN]],
        kinds=[(value, str(label), counts[value]) for value, label in Notice.Kind.choices if value in counts],
        total=sum(counts.values()),
        found=found,
        earlier=rows[SHOWN - 1].pk if len(rows) > SHOWN else None,
    )


def make_ticket(notice: Notice, *, by: Actor, now: datetime) -> Outcome:
    """Make an ordinary ticket of a kept message, from its sender; it counts from now.

    Raises:
        WrongState: somebody did so meanwhile.
    """
    row = notice.inbound
    if not ledger.choose(row, by=by, now=now):
        raise WrongState(_("Somebody has already handled this."))
    return receive.process(row.pk, now=now)


def _shown(notice: Notice, *, now: datetime) -> Kept:
    reading = Reading(notice.name or notice.sender, now, sender=notice.sender)
    return Kept(
        notice,
        sentence=notices.sentence_for(notice.says, reading),
        why=str(notices.WHY[notice.kind]),
        refused=_(notice.inbound.why) if notice.inbound.why else "",
    )

"""The ways to a person that are open in this installation; every public page offers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from tickets.channels.registry import adapters
from tickets.models import Channel, Queue
from tickets.portal import sending


@dataclass(frozen=True)
class Ways:
    """Which doors are open: the form's channels, a page to talk with us at once, mailboxes to write to."""

    forms: tuple[Channel, ...]
    talk_address: str
    mailboxes: tuple[str, ...]

    @property
    def queue(self) -> Queue | None:
        """The queue that the form leads to when nothing is chosen."""
        return self.forms[0].queue if self.forms else None


def to_a_person(forms: Sequence[Channel] | None = None) -> Ways:
    """Return what is open now; who has read the form's channels already passes them."""
    others = list(
        Channel.objects.filter(is_active=True)
        .order_by("id")
        .only("slug", "key", "address", "language", "name")
    )
    language = (get_language() or "")[:2]
    own_first = sorted(others, key=lambda c: c.language != language)  # the sort is stable: then by id
    return Ways(
        forms=tuple(sending.channels() if forms is None else forms),
        talk_address=next(filter(None, map(_talk_address, others)), ""),
        mailboxes=tuple(c.address for c in own_first if c.is_mailbox and c.address),
    )


def _talk_address(channel: Channel) -> str:
    adapter = adapters().get(channel.slug)
    return adapter.talk_address(channel) if adapter is not None else ""

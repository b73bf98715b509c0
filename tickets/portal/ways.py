"""The ways to a person that are open in this installation; every public page offers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from tickets.channels.registry import adapters
from tickets.models import AccessLink, Channel, Participant, Queue
from tickets.portal import sending


@dataclass(frozen=True)
class Ways:
    """Which doors are open: the form's channels, a page to talk with us at once, mailboxes to write to."""

    forms: tuple[Channel, ...]
    talk: Channel | None
    mailboxes: tuple[str, ...]

    @property
    def queue(self) -> Queue | None:
        """The queue that the form leads to when nothing is chosen."""
        return self.forms[0].queue if self.forms else None

    @property
    def live_url(self) -> str:
        """The page where customers talk with us, or nothing."""
        return adapters()[self.talk.slug].live_url(self.talk) if self.talk else ""

    def live_url_for(self, participant: Participant, link: AccessLink) -> str:
        """Return the page where a request's participant talks with us about it, or nothing."""
        if self.talk is None:
            return ""
        return adapters()[self.talk.slug].live_url_for(self.talk, participant, link)

    @property
    def is_agent_available(self) -> bool:
        """Whether somebody is free to talk there now: only then a page may say so."""
        return self.talk is not None and adapters()[self.talk.slug].is_agent_available(self.talk)


def to_a_person(forms: Sequence[Channel] | None = None) -> Ways:
    """Return what is open now; who has read the form's channels already passes them."""
    others = list(
        Channel.objects.filter(is_active=True)
        .order_by("id")
        .only("slug", "key", "address", "language", "name", "queue")
    )
    language = (get_language() or "")[:2]
    own_first = sorted(others, key=lambda c: c.language != language)  # the sort is stable: then by id
    return Ways(
        forms=tuple(sending.channels() if forms is None else forms),
        talk=next(filter(_talks, others), None),
        mailboxes=tuple(c.address for c in own_first if c.is_mailbox and c.address),
    )


def _talks(channel: Channel) -> bool:
    adapter = adapters().get(channel.slug)
    return adapter is not None and bool(adapter.live_url(channel))

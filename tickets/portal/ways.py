"""The open ways to contact a person, which every public page offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from tickets.channels.registry import adapters
from tickets.models import AccessLink, Channel, Participant, Queue
from tickets.portal import sending


@dataclass(frozen=True)
class Ways:
    """The open channels: those of the web form, one for live chat, and the mailboxes' addresses."""

    forms: tuple[Channel, ...]
    talk: Channel | None
    mailboxes: tuple[str, ...]

    @property
    def queue(self) -> Queue | None:
        """The queue of a form in which nothing was chosen, or None."""
        return self.forms[0].queue if self.forms else None

    @property
    def live_url(self) -> str:
        """The URL of the chat page, or an empty text."""
        return adapters()[self.talk.slug].live_url(self.talk) if self.talk else ""

    def live_url_for(self, participant: Participant, link: AccessLink) -> str:
        """Return the URL of a chat about a request, for its participant, or an empty text."""
        if self.talk is None:
            return ""
        return adapters()[self.talk.slug].live_url_for(self.talk, participant, link)

    @property
    def is_agent_available(self) -> bool:
        """Whether an agent is free to chat now; only then may a page say so."""
        return self.talk is not None and adapters()[self.talk.slug].is_agent_available(self.talk)


def to_a_person(forms: Sequence[Channel] | None = None) -> Ways:
    """Load the open ways to contact a person; pass the form's channels if they are loaded already."""
    others = list(
        Channel.objects.filter(is_active=True)
        .order_by("id")
        .only("slug", "key", "address", "language", "name", "queue")
    )
    language = (get_language() or "")[:2]
    own_first = sorted(others, key=lambda c: c.language != language)  # the sort is stable: then by id
    return Ways(
        forms=tuple(sending.load_channels() if forms is None else forms),
        talk=next(filter(_talks, others), None),
        mailboxes=tuple(c.address for c in own_first if c.is_mailbox and c.address),
    )


def _talks(channel: Channel) -> bool:
    adapter = adapters().get(channel.slug)
    return adapter is not None and bool(adapter.live_url(channel))

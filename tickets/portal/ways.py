"""The open ways to contact a person, which every public page offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import Error
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tickets import wording
from tickets.channels.registry import adapters
from tickets.clock import database_now
from tickets.customers.phone_numbers import format_number
from tickets.hours import opening_hours
from tickets.hours import wording as opening_words
from tickets.models import AccessLink, Channel, Participant, Queue
from tickets.portal import sending


@dataclass(frozen=True)
class Ways:
    """The open channels: those of the web form, one for live chat, mailboxes, and numbers to call.

    `numbers` are E.164.
    """

    forms: tuple[Channel, ...] = ()
    talk: Channel | None = None
    mailboxes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def queue(self) -> Queue | None:
        """The queue of a form in which nothing was chosen, or None."""
        return self.forms[0].queue if self.forms else None

    @property
    def calls(self) -> list[tuple[str, str]]:
        """The numbers that customers can call, each as a link takes it and as people read it."""
        return [(number, format_number(number)) for number in self.numbers]

    @cached_property
    def hours(self) -> str:
        """When people are here, and whether nobody is now; empty where no hours are set or can be read."""
        try:
            return _describe_hours(self.queue) if self.queue else ""
        except Error:
            return ""

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


def load_contact_ways(forms: Sequence[Channel] | None = None) -> Ways:
    """Load the open ways to contact a person; pass the form's channels if they are loaded already."""
    others = list(
        Channel.objects.filter(is_active=True)
        .order_by("id")
        .only("slug", "key", "address", "language", "name", "queue", "options")
    )
    language = (get_language() or "")[:2]
    own_first = sorted(others, key=lambda c: c.language != language)  # the sort is stable: then by id
    numbers = (number for channel in own_first if (number := _find_number(channel)))
    found = Ways(
        forms=tuple(sending.load_channels() if forms is None else forms),
        talk=next(filter(_offers_chat, others), None),
        mailboxes=tuple(c.address for c in own_first if c.is_mailbox and c.address),
        numbers=tuple(dict.fromkeys(numbers)),
    )
    _last_known[:] = [found]
    return found


def load_ways_or_last_known() -> Ways:
    """Return the open ways; without the database, the mailboxes and numbers that this process read last."""
    try:
        return load_contact_ways()
    except Error:
        known = _last_known[0] if _last_known else Ways()
        return Ways(mailboxes=known.mailboxes, numbers=known.numbers)


_last_known: list[Ways] = []


def _describe_hours(queue: Queue) -> str:
    words = opening_words.describe_hours(queue.calendar)
    if not words:
        return ""
    now = database_now()
    is_open = opening_hours.load_queue_hours(queue, now=now).is_open(now)
    said = _("We are here %(hours)s.") if is_open else _("Nobody is here right now. We are here %(hours)s.")
    zone = wording.format_zone(opening_words.find_zone(queue.calendar))
    in_zone = _("Times are in %(zone)s.") % {"zone": zone} if zone else ""
    return " ".join(filter(None, [said % {"hours": words}, in_zone]))


def _find_number(channel: Channel) -> str:
    adapter = adapters().get(channel.slug)
    return adapter.number_to_call(channel) if adapter is not None else ""


def _offers_chat(channel: Channel) -> bool:
    adapter = adapters().get(channel.slug)
    return adapter is not None and bool(adapter.live_url(channel))

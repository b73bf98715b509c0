"""The ways to a person that are open in this installation; every public page offers them."""

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
from tickets.customers.phone_numbers import shown
from tickets.hours import opening_hours
from tickets.hours import wording as opening_words
from tickets.models import AccessLink, Channel, Participant, Queue
from tickets.portal import sending


@dataclass(frozen=True)
class Ways:
    """Which doors are open: the form's channels, a page to talk with us at once, mailboxes, numbers to call.

    `numbers` are E.164.
    """

    forms: tuple[Channel, ...] = ()
    talk: Channel | None = None
    mailboxes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def queue(self) -> Queue | None:
        """The queue that the form leads to when nothing is chosen."""
        return self.forms[0].queue if self.forms else None

    @property
    def calls(self) -> list[tuple[str, str]]:
        """The numbers that customers can call, each as a link takes it and as people read it."""
        return [(number, shown(number)) for number in self.numbers]

    @cached_property
    def hours(self) -> str:
        """When people are here, and whether nobody is now; empty where no hours are set or can be read."""
        try:
            return _hours(self.queue) if self.queue else ""
        except Error:
            return ""

    @property
    def talk_address(self) -> str:
        """The page where customers talk with us, or nothing."""
        return adapters()[self.talk.slug].talk_address(self.talk) if self.talk else ""

    def talk_address_of(self, participant: Participant, link: AccessLink) -> str:
        """Return the page where a request's participant talks with us about it, or nothing."""
        if self.talk is None:
            return ""
        return adapters()[self.talk.slug].talk_address_of(self.talk, participant, link)

    @property
    def talks_now(self) -> bool:
        """Whether somebody is free to talk there now: only then a page may say so."""
        return self.talk is not None and adapters()[self.talk.slug].talks_now(self.talk)


def to_a_person(forms: Sequence[Channel] | None = None) -> Ways:
    """Return what is open now; who has read the form's channels already passes them."""
    others = list(
        Channel.objects.filter(is_active=True)
        .order_by("id")
        .only("slug", "key", "address", "language", "name", "queue", "options")
    )
    language = (get_language() or "")[:2]
    own_first = sorted(others, key=lambda c: c.language != language)  # the sort is stable: then by id
    numbers = (number for channel in own_first if (number := _number_of(channel)))
    found = Ways(
        forms=tuple(sending.channels() if forms is None else forms),
        talk=next(filter(_talks, others), None),
        mailboxes=tuple(c.address for c in own_first if c.is_mailbox and c.address),
        numbers=tuple(dict.fromkeys(numbers)),
    )
    _last_known[:] = [found]
    return found


def load_or_recall() -> Ways:
    """Return what is open now; while the database cannot be read, the addresses this process knows of."""
    try:
        return to_a_person()
    except Error:
        known = _last_known[0] if _last_known else Ways()
        return Ways(mailboxes=known.mailboxes, numbers=known.numbers)


_last_known: list[Ways] = []


def _hours(queue: Queue) -> str:
    words = opening_words.in_words(queue.calendar)
    if not words:
        return ""
    now = database_now()
    is_open = opening_hours.of_queue(queue, now=now).is_open(now)
    said = _("We are here %(hours)s.") if is_open else _("Nobody is here right now. We are here %(hours)s.")
    zone = wording.zone_name(opening_words.zone_of(queue.calendar))
    in_zone = _("Times are in %(zone)s.") % {"zone": zone} if zone else ""
    return " ".join(filter(None, [said % {"hours": words}, in_zone]))


def _number_of(channel: Channel) -> str:
    adapter = adapters().get(channel.slug)
    return adapter.number_to_call(channel) if adapter is not None else ""


def _talks(channel: Channel) -> bool:
    adapter = adapters().get(channel.slug)
    return adapter is not None and bool(adapter.talk_address(channel))

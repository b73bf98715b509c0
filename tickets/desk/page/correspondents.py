"""Who else is meant by a message: people in copy, another address for answers, and whose mail was sent on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets import wording
from tickets.customers.personal import mask_if_hidden
from tickets.intake.forwarded import ASKED, OPENING
from tickets.models import Message, Participant

READ_FROM: Mapping[str, Promise] = {
    "list": gettext_lazy("Sent through the group %(address)s. The sender's address is not verified."),
    "form": gettext_lazy("Sent by the form %(address)s. The sender's address is not verified."),
    "reply_to": gettext_lazy(
        "Sent by %(address)s, where nobody reads answers. They go to the address in Reply-To, which is not "
        "verified."
    ),
}


@dataclass(frozen=True)
class InCopy:
    """One person in copy as the message shows them; `number` is their place in the message's facts."""

    number: int
    name: str
    address: str
    participant: Participant | None = None
    can_be_added: bool = False

    @property
    def takes_part(self) -> bool:
        return self.participant is not None and self.participant.state == Participant.State.ACCEPTED

    @property
    def can_be_left_out(self) -> bool:
        return self.takes_part and self.participant is not None and self.participant.is_copy


@dataclass(frozen=True)
class AskedSender:
    """Whose mail a colleague's forward may be: choices by number, with a name and an address to show."""

    forwarder: str
    is_proved: bool
    choices: Sequence[tuple[int, str, str]]


@dataclass(frozen=True)
class Correspondents:
    """What a message says of people beside its sender; all of it may be empty."""

    in_copy: Sequence[InCopy] = ()
    origin: str = ""
    reply_to: Sequence[str] = ()
    forwarded: str = ""
    asked: AskedSender | None = None

    @property
    def newcomers(self) -> list[InCopy]:
        """Those in copy who may be let in by a click."""
        return [one for one in self.in_copy if one.can_be_added]


NOBODY = Correspondents()


def read_correspondents(
    message: Message, people: Sequence[Participant], *, is_hidden: bool, now: datetime
) -> Correspondents:
    """Return the people of a message's facts; `people` take part in its ticket or wait for a yes."""
    facts: Mapping[str, Any] = message.facts
    if not facts.keys() & {"copied", "cc", "read_from", "reply_to", "forwarded_by", "asked_sender"}:
        return NOBODY
    read_from = READ_FROM.get(facts.get("read_from", ""))
    origin = {"address": mask_if_hidden(facts.get("from", ""), is_hidden=is_hidden)}
    return Correspondents(
        in_copy=_in_copy(facts, people, is_hidden=is_hidden),
        origin=str(read_from) % origin if read_from else "",
        reply_to=[]
        if read_from
        else [mask_if_hidden(one, is_hidden=is_hidden) for one in facts.get("reply_to", ())],
        forwarded=_forwarded(facts, now=now),
        asked=_asked(facts.get(ASKED), is_hidden=is_hidden) if message.seq == OPENING else None,
    )


def _in_copy(facts: Mapping[str, Any], people: Sequence[Participant], *, is_hidden: bool) -> list[InCopy]:
    by_address = {p.identity.value.lower(): p for p in people if p.identity is not None}
    named = facts.get("copied") or [
        {"address": one, "name": "", "is_colleague": True} for one in facts.get("cc", ())
    ]
    number, found = 0, []
    for one in named:
        address = one["address"]
        part = by_address.get(address)
        is_open = not one["is_colleague"] and (part is None or part.state != Participant.State.ACCEPTED)
        found.append(InCopy(number, one["name"], mask_if_hidden(address, is_hidden=is_hidden), part, is_open))
        number += not one["is_colleague"]
    return found


def _forwarded(facts: Mapping[str, Any], *, now: datetime) -> str:
    by = facts.get("forwarded_by")
    if not by:
        return ""
    written = facts.get("sent_as_written", "")
    with suppress(ValueError):  # a mail program's own words for a date, in any language
        written = wording.format_moment(datetime.fromisoformat(written), now=now)
    values = {"name": by["name"], "date": written}
    if not written:
        return _("Forwarded by %(name)s. The sender's address is not verified.") % values
    return _("Forwarded by %(name)s; dated %(date)s. The sender's address is not verified.") % values


def _asked(asked: Mapping[str, Any] | None, *, is_hidden: bool) -> AskedSender | None:
    if not asked:
        return None
    choices = [
        (number, one["name"], mask_if_hidden(one["address"], is_hidden=is_hidden))
        for number, one in enumerate(asked["of"])
    ]
    return AskedSender(asked["by"]["name"], asked["by"]["is_proved"], choices)

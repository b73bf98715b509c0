"""The people of a message beside its sender: in copy, at another reply address, or behind a forward."""

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
    """One person in copy; `number` is their index among the people who are not colleagues."""

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
class SenderQuestion:
    """The question who sent a forwarded mail. `choices` are (number, name, address as shown)."""

    forwarder: str
    is_proved: bool
    choices: Sequence[tuple[int, str, str]]


@dataclass(frozen=True)
class Correspondents:
    """The people of a message beside its sender. Every field may be empty.

    `origin` and `forwarded` are sentences; `reply_to` are addresses as shown.
    """

    in_copy: Sequence[InCopy] = ()
    origin: str = ""
    reply_to: Sequence[str] = ()
    forwarded: str = ""
    asked: SenderQuestion | None = None

    @property
    def newcomers(self) -> list[InCopy]:
        """The people in copy whom an agent can add by a click."""
        return [one for one in self.in_copy if one.can_be_added]


NOBODY = Correspondents()


def read_correspondents(
    message: Message, people: Sequence[Participant], *, is_hidden: bool, now: datetime
) -> Correspondents:
    """Read the correspondents from a message's facts.

    `people` are the ticket's participants, also those who wait for approval. `is_hidden` masks addresses.
    """
    facts: Mapping[str, Any] = message.facts
    if not facts.keys() & {"copied", "cc", "read_from", "reply_to", "forwarded_by", "asked_sender"}:
        return NOBODY
    read_from = READ_FROM.get(facts.get("read_from", ""))
    origin = {"address": mask_if_hidden(facts.get("from", ""), is_hidden=is_hidden)}
    return Correspondents(
        in_copy=_build_copies(facts, people, is_hidden=is_hidden),
        origin=str(read_from) % origin if read_from else "",
        reply_to=[]
        if read_from
        else [mask_if_hidden(one, is_hidden=is_hidden) for one in facts.get("reply_to", ())],
        forwarded=_describe_forwarding(facts, now=now),
        asked=_build_sender_question(facts.get(ASKED), is_hidden=is_hidden)
        if message.seq == OPENING
        else None,
    )


def _build_copies(
    facts: Mapping[str, Any], people: Sequence[Participant], *, is_hidden: bool
) -> list[InCopy]:
    by_address = {p.identity.value.lower(): p for p in people if p.identity is not None}
    rows = facts.get("copied") or [
        {"address": address, "name": "", "is_colleague": True} for address in facts.get("cc", ())
    ]
    number, copies = 0, []
    for row in rows:
        shown = mask_if_hidden(row["address"], is_hidden=is_hidden)
        part = by_address.get(row["address"])
        takes_part = part is not None and part.state == Participant.State.ACCEPTED
        copies.append(InCopy(number, row["name"], shown, part, not row["is_colleague"] and not takes_part))
        number += not row["is_colleague"]
    return copies


def _describe_forwarding(facts: Mapping[str, Any], *, now: datetime) -> str:
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


def _build_sender_question(asked: Mapping[str, Any] | None, *, is_hidden: bool) -> SenderQuestion | None:
    if not asked:
        return None
    choices = [
        (number, one["name"], mask_if_hidden(one["address"], is_hidden=is_hidden))
        for number, one in enumerate(asked["of"])
    ]
    return SenderQuestion(asked["by"]["name"], asked["by"]["is_proved"], choices)

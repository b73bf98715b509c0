"""One message as the conversation shows it: whose it is, what is new in it, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets import wording
from tickets.channels.registry import carrier_of
from tickets.customers.personal import mask_if_hidden
from tickets.desk.names import channel_name, initials
from tickets.desk.writing import returned
from tickets.models import Attachment, Call, Message, Outbound, Participant

MAX_FOLDED = 50_000
FOUND_BY: dict[str, Promise] = {
    "agent_address": gettext_lazy("Written by mail, at the address made for this colleague"),
    "message_id": gettext_lazy("Joined this ticket as a reply to our mail"),
    "alias": gettext_lazy("Joined this ticket as a reply to our mail"),
    "reply_address": gettext_lazy("Joined this ticket by the reply address of our mail"),
    "their_message_id": gettext_lazy("Joined this ticket as a reply to their own earlier mail"),
    "body_token": gettext_lazy("Joined this ticket by the reference in our quoted mail"),
    "subject": gettext_lazy("Joined this ticket by the number in the subject"),
    "link": gettext_lazy("Written on their own page of this ticket"),
    "channel": gettext_lazy("Part of the same conversation"),
    "same_form": gettext_lazy("Sent with the same form, a little later"),
    "open_ticket_of_caller": gettext_lazy("Joined this ticket as the only open one of the caller"),
    "chosen_by_agent": gettext_lazy("Added to this ticket by the person who logged the call"),
}


PROTECTIONS: dict[str, Promise] = {
    "signed": gettext_lazy("Signed by the sender, not verified"),
    "encrypted": gettext_lazy("Encrypted: it cannot be read here. The original is kept."),
}


@dataclass(frozen=True)
class Delivery:
    """How far an own message got: a word, a tone, why, and whether a person can send it again.

    `leaves_in` are the seconds until a mail leaves that can still be taken back; the page counts them down.
    """

    outbound: Outbound
    word: str
    tone: str
    icon: str
    why: str = ""
    leaves_in: int | None = None

    @property
    def can_retry(self) -> bool:
        return self.outbound.has_failed

    @property
    def can_take_back(self) -> bool:
        """It has not left yet, because a person chose so or may still think again."""
        return carrier_of(self.outbound.channel).can_send_later and self.outbound.state in (
            Outbound.State.HELD,
            Outbound.State.SCHEDULED,
        )


@dataclass(frozen=True)
class Said:
    """A message with everything its bubble shows."""

    message: Message
    me: int | None
    files: Sequence[Attachment] = ()
    deliveries: Sequence[Delivery] = ()
    call: Call | None = None
    stranger: Participant | None = None
    has_html: bool = False
    hides_address: bool = False
    mentioned: Sequence[int] = ()  # tickets that the customer's subject may mean, of those this person sees
    text: str = field(init=False)
    rest: str = field(init=False)

    def __post_init__(self) -> None:
        """Split what is new from what was quoted."""
        new, whole = self.message.shown_text, self.message.folded_text
        rest = whole.removeprefix(new)
        object.__setattr__(self, "text", new.strip())
        object.__setattr__(self, "rest", rest.strip()[:MAX_FOLDED])

    @property
    def at(self) -> datetime:
        return self.message.created_at

    @property
    def is_mine(self) -> bool:
        return self.me is not None and self.message.author_user_id == self.me

    @property
    def look(self) -> str:
        """The kind of bubble: held, note, mine (any colleague's answer), or the customer's."""
        if self.message.is_held and self.message.kind == Message.Kind.INBOUND:
            return "held"
        if self.message.kind == Message.Kind.NOTE:
            return "note"
        return "mine" if self.message.kind == Message.Kind.OUTBOUND else ""

    @property
    def author(self) -> str:
        message = self.message
        if self.is_ours_by_itself:
            return _("Automatic message")
        if message.author_user is not None:
            return _("You") if self.is_mine else str(message.author_user)
        name = message.author_customer.name if message.author_customer else ""
        address = mask_if_hidden(message.from_address, is_hidden=self.hides_address)
        return name or message.from_name or address or _("Unknown customer")

    @property
    def initials(self) -> str:
        author = self.message.author_user
        return initials(str(author) if author is not None else self.author)

    @property
    def is_machine(self) -> bool:
        """Nobody wrote this: an automatic mail, shown folded."""
        return self.message.is_auto and not self.is_ours_by_itself

    @property
    def is_ours_by_itself(self) -> bool:
        """Our own software told the customer this: agents read in full what was said in their name."""
        return self.message.is_auto and self.message.kind == Message.Kind.OUTBOUND

    @property
    def channel(self) -> str:
        if self.message.kind == Message.Kind.NOTE:
            return _("note for colleagues")
        return channel_name(self.message.channel_slug)

    @property
    def waits_for_yes(self) -> bool:
        """A stranger wrote it, and nobody has let them in yet."""
        return self.message.is_held and self.message.kind == Message.Kind.INBOUND

    @property
    def is_withdrawn(self) -> bool:
        """A reply that never left: shown folded, so that the log can be read."""
        states = {delivery.outbound.state for delivery in self.deliveries}
        return self.message.is_held and self.message.kind == Message.Kind.OUTBOUND and states == {"cancelled"}

    @property
    def found(self) -> str:
        """How the message found this ticket, in words; nothing where it opened it."""
        return str(FOUND_BY.get(self.message.thread_layer, ""))

    @property
    def remote_pictures(self) -> int:
        """How many pictures the formatted mail points at elsewhere."""
        return int(self.message.facts.get("remote_images", 0)) if self.has_html else 0

    @property
    def protection(self) -> str:
        """That the mail was signed or encrypted, and that we have not checked it."""
        return str(PROTECTIONS.get(self.message.facts.get("protection", ""), ""))

    @property
    def odd_address(self) -> str:
        """That an answer may not reach this sender, because no usual mail address stands there."""
        is_odd = self.message.facts.get("is_odd_address")
        return mask_if_hidden(self.message.from_address, is_hidden=self.hides_address) if is_odd else ""

    @property
    def invitations(self) -> list[dict[str, Any]]:
        """The appointments of a calendar invitation, with their moments."""
        return [invitation_of(told) for told in self.message.facts.get("invitations", ())]

    @property
    def html_first(self) -> bool:
        """Show the formatted mail at once where the text alone would say too little."""
        return self.has_html and (not self.text or any(file.is_inline for file in self.files))

    @property
    def loose_files(self) -> list[Attachment]:
        """The files to offer below the text; inline pictures stay in their place in the formatted mail."""
        return [file for file in self.files if not (file.is_inline and self.has_html and file.content_id)]


def invitation_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return an appointment as its card shows it."""
    starts, ends = (
        datetime.fromisoformat(told[name]) if told.get(name) else None for name in ("starts", "ends")
    )
    same_day = starts and ends and timezone.localtime(starts).date() == timezone.localtime(ends).date()
    return {
        **told,
        "starts": starts,
        "ends": ends,
        "same_day": same_day,
        "word": ANSWERED.get(told.get("answer", "")) or INVITED.get(told.get("method", ""), INVITED[""]),
    }


INVITED: dict[str, Promise] = {
    "": gettext_lazy("Appointment"),
    "REQUEST": gettext_lazy("Invitation"),
    "CANCEL": gettext_lazy("Appointment cancelled"),
    "REPLY": gettext_lazy("Answer to an invitation"),
    "COUNTER": gettext_lazy("Another time is proposed"),
}
ANSWERED: dict[str, Promise] = {
    "ACCEPTED": gettext_lazy("Appointment accepted"),
    "DECLINED": gettext_lazy("Appointment declined"),
    "TENTATIVE": gettext_lazy("Appointment accepted with reservations"),
}


def deliveries_of(outbounds: Sequence[Outbound], now: datetime) -> list[Delivery]:
    """Say of each outgoing item how far it got."""
    return [_delivery(row, now) for row in outbounds]


def _delivery(row: Outbound, now: datetime) -> Delivery:
    tone, icon = TONES.get(row.state, ("", "clock"))
    why = row.error if row.state in (*FAILURES, Outbound.State.DEFERRED, Outbound.State.CANCELLED) else None
    word = str(row.get_state_display())
    leaves_in = None
    if row.state == Outbound.State.HELD and row.next_attempt_at:
        leaves_in = max(0, math.ceil((row.next_attempt_at - now).total_seconds()))
        word = (
            _("Sending in %(time)s") % {"time": wording.format_length(leaves_in)}
            if leaves_in
            else _("Sending now")
        )
    if row.state == Outbound.State.DEFERRED and row.next_attempt_at:
        word = _("tried again %(moment)s") % {"moment": wording.format_moment(row.next_attempt_at, now=now)}
    if row.state == Outbound.State.SCHEDULED and row.next_attempt_at:
        word = _("will be sent %(moment)s") % {"moment": wording.format_moment(row.next_attempt_at, now=now)}
    return Delivery(row, word, tone, icon, returned.in_words(why), leaves_in)


FAILURES = (Outbound.State.FAILED, Outbound.State.BOUNCED)
TONES: Mapping[str, tuple[str, str]] = {
    Outbound.State.SENT: ("ok", "check"),
    Outbound.State.DELIVERED: ("ok", "check"),
    Outbound.State.DEFERRED: ("warn", "clock"),
    Outbound.State.FAILED: ("bad", "alert"),
    Outbound.State.BOUNCED: ("bad", "alert"),
    Outbound.State.CANCELLED: ("", "close"),
}

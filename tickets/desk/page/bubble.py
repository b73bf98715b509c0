"""One message as the conversation shows it: its author, its new and its quoted text, and its delivery."""

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
from tickets.channels.registry import sending_adapter
from tickets.customers.personal import mask_if_hidden
from tickets.desk.names import channel_name, initials
from tickets.desk.page import notices
from tickets.desk.page.correspondents import NOBODY, Correspondents
from tickets.desk.page.notices import NoticeContext
from tickets.desk.writing import delivery_errors
from tickets.models import Attachment, Call, Message, Outbound, Participant

MAX_FOLDED = 50_000
MATCH_REASONS: dict[str, Promise] = {
    "agent_address": gettext_lazy("Written by mail, at the address made for this colleague"),
    "message_id": gettext_lazy("Joined this ticket as a reply to our mail"),
    "alias": gettext_lazy("Joined this ticket as a reply to our mail"),
    "return_address": gettext_lazy("Joined this ticket as a report about our mail"),
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
    """The delivery state of a message of ours: a word, its colour and icon, and the reason of a failure.

    `leaves_in` are the seconds until a mail that can still be undone is sent; the page counts them down.
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
        """Whether it has not been sent yet: it is scheduled, or within the time to undo it."""
        return sending_adapter(self.outbound.channel).can_send_later and self.outbound.state in (
            Outbound.State.HELD,
            Outbound.State.SCHEDULED,
        )


@dataclass(frozen=True)
class MessageBubble:
    """A message with everything that its bubble shows; `me` is the reader's account id.

    `text` is what is new in the message, `rest` what it quotes.
    """

    message: Message
    me: int | None
    files: Sequence[Attachment] = ()
    deliveries: Sequence[Delivery] = ()
    call: Call | None = None
    pending_participant: Participant | None = None
    has_html: bool = False
    hides_address: bool = False
    now: datetime | None = None
    correspondents: Correspondents = NOBODY
    mentioned: Sequence[int] = ()  # visible tickets whose numbers are in the customer's subject
    text: str = field(init=False)
    rest: str = field(init=False)

    def __post_init__(self) -> None:
        """Split the new text from the quoted text; `object.__setattr__`, because the class is frozen."""
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
        """The CSS variant: held, note, mine (an answer of any agent), or empty for the customer's."""
        if self.message.is_held and self.message.kind == Message.Kind.INBOUND:
            return "held"
        if self.message.kind == Message.Kind.NOTE:
            return "note"
        return "mine" if self.message.kind == Message.Kind.OUTBOUND else ""

    @property
    def author(self) -> str:
        message = self.message
        if self.is_our_automatic_mail:
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
        """Whether this is an automatic mail that we received; it is shown folded."""
        return self.message.is_auto and not self.is_our_automatic_mail

    @property
    def notice(self) -> str:
        """What a machine says that nobody has to answer, in one sentence; empty for any other message."""
        says = self.message.facts.get("notice")
        if not says or self.message.is_held:
            return ""
        sender = self.message.from_address
        now = self.now or timezone.now()
        return notices.describe_notice(says, NoticeContext(self.author, now, sender, self.hides_address))

    @property
    def notice_icon(self) -> str:
        return notices.choose_icon(self.message.facts.get("notice", {}).get("kind", ""))

    @property
    def sender(self) -> str:
        """The sender's address, masked if it is hidden from this reader."""
        return mask_if_hidden(self.message.from_address, is_hidden=self.hides_address)

    @property
    def is_our_automatic_mail(self) -> bool:
        """Whether our own software sent this; shown in full, so that agents know what customers read."""
        return self.message.is_auto and self.message.kind == Message.Kind.OUTBOUND

    @property
    def channel(self) -> str:
        if self.message.kind == Message.Kind.NOTE:
            return _("note for colleagues")
        return channel_name(self.message.channel_slug)

    @property
    def waits_for_approval(self) -> bool:
        """Whether its author is a new participant whom no agent has accepted yet."""
        return self.message.is_held and self.message.kind == Message.Kind.INBOUND

    @property
    def is_withdrawn(self) -> bool:
        """Whether this is a reply that was undone before it was sent; it is shown folded."""
        states = {delivery.outbound.state for delivery in self.deliveries}
        return self.message.is_held and self.message.kind == Message.Kind.OUTBOUND and states == {"cancelled"}

    @property
    def has_correspondents(self) -> bool:
        """Whether the message names people beside its sender, or did not come from the sender alone."""
        return self.correspondents is not NOBODY

    @property
    def match_reason(self) -> str:
        """Why the message was added to this ticket, in words; empty if it opened the ticket."""
        return str(MATCH_REASONS.get(self.message.thread_layer, ""))

    @property
    def remote_pictures(self) -> int:
        """The number of remote images in the formatted mail."""
        return int(self.message.facts.get("remote_images", 0)) if self.has_html else 0

    @property
    def protection(self) -> str:
        """A sentence that the mail was signed or encrypted, and that this was not verified; or empty."""
        return str(PROTECTIONS.get(self.message.facts.get("protection", ""), ""))

    @property
    def odd_address(self) -> str:
        """The sender's address if it is so unusual that an answer may not arrive; otherwise empty."""
        is_odd = self.message.facts.get("is_odd_address")
        return mask_if_hidden(self.message.from_address, is_hidden=self.hides_address) if is_odd else ""

    @property
    def invitations(self) -> list[dict[str, Any]]:
        """The appointments of a calendar invitation, for their cards."""
        return [describe_invitation(facts) for facts in self.message.facts.get("invitations", ())]

    @property
    def html_first(self) -> bool:
        """Whether to show the formatted mail unfolded: the text is empty, or images belong into it."""
        return self.has_html and (not self.text or any(file.is_inline for file in self.files))

    @property
    def loose_files(self) -> list[Attachment]:
        """The files listed below the text, without the inline images that the formatted mail shows."""
        return [file for file in self.files if not (file.is_inline and self.has_html and file.content_id)]


def describe_invitation(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return an appointment for its card: the stored facts, with start and end as datetimes and a title."""
    starts, ends = (
        datetime.fromisoformat(facts[name]) if facts.get(name) else None for name in ("starts", "ends")
    )
    same_day = starts and ends and timezone.localtime(starts).date() == timezone.localtime(ends).date()
    return {
        **facts,
        "starts": starts,
        "ends": ends,
        "same_day": same_day,
        "word": ANSWERED.get(facts.get("answer", "")) or INVITED.get(facts.get("method", ""), INVITED[""]),
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


def describe_deliveries(outbounds: Sequence[Outbound], now: datetime) -> list[Delivery]:
    """Describe the delivery state of each outbox row, in the same order."""
    return [_describe_delivery(row, now) for row in outbounds]


def _describe_delivery(row: Outbound, now: datetime) -> Delivery:
    tone, icon = TONES.get(row.state, ("", "clock"))
    error = row.error if row.state in (*FAILURES, Outbound.State.DEFERRED, Outbound.State.CANCELLED) else None
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
    return Delivery(row, word, tone, icon, delivery_errors.describe_error(error), leaves_in)


FAILURES = (Outbound.State.FAILED, Outbound.State.BOUNCED)
TONES: Mapping[str, tuple[str, str]] = {
    Outbound.State.SENT: ("ok", "check"),
    Outbound.State.DELIVERED: ("ok", "check"),
    Outbound.State.DEFERRED: ("warn", "clock"),
    Outbound.State.FAILED: ("bad", "alert"),
    Outbound.State.BOUNCED: ("bad", "alert"),
    Outbound.State.CANCELLED: ("", "close"),
}

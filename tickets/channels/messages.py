"""The values that channels and intake hand each other: what came in, and what became of what went out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tickets.errors import Invalid
from tickets.models.channels.delivery_error import DeliveryError

if TYPE_CHECKING:
    from tickets.models import Message, Ticket


@dataclass(frozen=True)
class Sender:
    """Who wrote or called: an identity by its kind (email, phone, visitor, external) and value.

    `is_verified` says that the channel that speaks has proved it: a mail received from the address that its
    domain does not disown, a call from the number, a link that was mailed there, a chat session's token. What
    somebody typed is a claim, and resolves nobody.
    """

    kind: str
    value: str
    name: str = ""
    display: str = ""
    is_verified: bool = False


@dataclass(frozen=True)
class InboundFile:
    """A file that came along."""

    name: str
    content_type: str
    data: bytes
    content_id: str = ""
    is_inline: bool = False
    is_for_note: bool = False  # of the colleague who forwarded the message, whose lines become a note


@dataclass(frozen=True)
class Copied:
    """Somebody whom a message names beside us and its sender: a claim of who else should be answered."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class Forwarding:
    """Which colleague (the id of their account) sent a customer's message on to us, and their own lines."""

    user_id: int
    text: str = ""


@dataclass(frozen=True)
class InboundMessage:
    """One thing somebody said, as any channel hands it to intake.

    `ticket_id` with `layer` is set where the channel itself knows the conversation (a chat session, a
    customer's link); others leave it empty, and the message is threaded. `external_id` is the other side's
    own id of it. `refusal` sends the thing to quarantine with that reason, `ignore_rule` to the ignored.
    `details` is whatever the adapter itself wants to know again when intake asks it.
    `wants_promise` is false where the channel makes its own (a call back at a time the customer chose).
    `is_typed`: that it is from this sender is only what somebody filled in, so it joins no ticket by what it
    cites; it opens one that is linked to it.
    `notice` is what a machine's word says that nobody has to answer (a read receipt, an absence): `kind`,
    `what`, `date`, `quote`, `addresses` and `sign`. It stands collapsed on the ticket it belongs to; without
    one it is kept, and opens nothing.
    `answer_at` is another address of the sender's choice for answers, `copied` who else was written to:
    claims both. `forwarding` is set where a colleague sent the message on.
    """

    sender: Sender
    text: str
    subject: str = ""
    reply_text: str = ""
    html: str = ""
    html_safe: str = ""
    sanitiser: str = ""
    language: str = ""
    files: Sequence[InboundFile] = ()
    customer_id: int | None = None
    ticket_id: int | None = None
    layer: str = ""
    client_id: UUID | None = None
    external_id: str = ""
    is_auto: bool = False
    auto_reason: str = ""
    notice: Mapping[str, Any] | None = None
    is_typed: bool = False
    wants_acknowledgement: bool = False
    wants_promise: bool = True
    answer_at: str = ""
    copied: Sequence[Copied] = ()
    forwarding: Forwarding | None = None
    refusal: str = ""
    refusal_rule: str = ""
    ignore_rule: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    details: Any = None


@dataclass(frozen=True)
class SendResult:
    """What became of one attempt to send: sent, to be tried again, to go by mail instead, or failed."""

    state: str
    provider_id: str = ""
    error: DeliveryError | None = None
    to: str = ""

    @classmethod
    def sent(cls, provider_id: str = "") -> SendResult:
        return cls("sent", provider_id=provider_id)

    @classmethod
    def unsent(cls, error: DeliveryError) -> SendResult:
        """Not sent: tried again where the error is temporary, returned to the agent where it is not."""
        return cls("deferred" if error.is_temporary else "failed", error=error)

    @classmethod
    def by_mail(cls, to: str) -> SendResult:
        """The other side is gone from this channel: the outbox sends it by mail to this address instead."""
        return cls("by_mail", to=to)


@dataclass(frozen=True)
class Placed:
    """What a channel did with a thing by its own rules: how its ledger row ends, why, and that in words."""

    state: str
    why: str
    ticket: Ticket | None = None
    message: Message | None = None
    said: str = ""


class NotUnderstood(Invalid):
    """Raised by an adapter's `receive`: the raw input stays in quarantine with this sentence."""

    code = "not_understood"


class TryAgain(Exception):
    """Raised by an adapter's `appended`: another process was quicker, so intake reads the row again."""


@dataclass(frozen=True)
class Sign:
    """Something in a message that names a ticket, by the layer that found it.

    A strong one (our own signed id or address) proves that whoever sent it got a message of ours; a weak one
    is what anybody may write. `reached_copies`: what it cites went to those in copy too.
    """

    name: str
    is_strong: bool
    ticket: Ticket
    reached_copies: bool = False


@dataclass(frozen=True)
class Weighed:
    """What limits say of a received message: whether to thank for it, or how its row ends instead."""

    may_be_answered: bool = False
    refused: Placed | None = None

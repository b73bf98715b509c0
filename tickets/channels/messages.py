"""The values that channels and intake exchange: messages received, and the results of sending."""

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

    `is_verified` means that the channel has proved the identity: by a mail from the address that passes its
    domain's policy, a call from the number, a link mailed to the address, or a chat session's token. What
    somebody typed is a claim, and never identifies a customer.
    """

    kind: str
    value: str
    name: str = ""
    display: str = ""
    is_verified: bool = False


@dataclass(frozen=True)
class InboundFile:
    """A file that came with a message."""

    name: str
    content_type: str
    data: bytes
    content_id: str = ""
    is_inline: bool = False
    is_for_note: bool = False  # of the colleague who forwarded the message, whose lines become a note


@dataclass(frozen=True)
class Copied:
    """Another recipient of a message, beside us and the sender. Their address is a claim."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class Forwarding:
    """Which colleague (the id of their account) sent a customer's message on to us, and their own lines."""

    user_id: int
    text: str = ""


@dataclass(frozen=True)
class InboundMessage:
    """One message, in the form in which every channel passes it to intake.

    `ticket_id` and `layer` are set if the channel itself knows the ticket (a chat session, a customer's
    link); otherwise intake finds the ticket. `external_id` is the sender's own id of the message. `refusal`
    quarantines it with this reason, `ignore_rule` ignores it. `details` is for the adapter alone: intake
    passes it back in later calls. `wants_promise` is false if the channel makes a promise of its own (a call
    back at a time the customer chose). `is_typed` means that somebody merely typed the sender's address: the
    message then joins no ticket that it refers to, but opens a new one that is linked to it.

    `notice` describes an automatic message that nobody has to answer (a read receipt, an absence): `kind`,
    `what`, `date`, `quote`, `addresses` and `sign`. It is shown collapsed on the ticket it belongs to; if
    there is none, it is kept and opens no ticket. `answer_at` is another address at which the sender wants
    replies, `copied` who else the message was sent to; both are claims. `is_genuine` means that our own
    server vouches for the sender; without it, `answer_at` counts on a new ticket alone. `forwarding` is set
    if a colleague forwarded the message.
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
    is_genuine: bool = False
    copied: Sequence[Copied] = ()
    forwarding: Forwarding | None = None
    refusal: str = ""
    refusal_rule: str = ""
    ignore_rule: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    details: Any = None


@dataclass(frozen=True)
class SendResult:
    """The result of one attempt to send: sent, deferred, by_mail or failed."""

    state: str
    provider_id: str = ""
    error: DeliveryError | None = None
    to: str = ""

    @classmethod
    def sent(cls, provider_id: str = "") -> SendResult:
        return cls("sent", provider_id=provider_id)

    @classmethod
    def unsent(cls, error: DeliveryError) -> SendResult:
        """Not sent: tried again if the error is temporary, otherwise returned to the agent as failed."""
        return cls("deferred" if error.is_temporary else "failed", error=error)

    @classmethod
    def by_mail(cls, to: str) -> SendResult:
        """The customer has left this channel: the outbox sends the reply by mail to this address instead."""
        return cls("by_mail", to=to)


@dataclass(frozen=True)
class Placed:
    """How a channel placed an arrival by its own rules: the ledger row's state, the rule, and a sentence."""

    state: str
    why: str
    ticket: Ticket | None = None
    message: Message | None = None
    said: str = ""


class NotUnderstood(Invalid):
    """Raised by an adapter's `receive`: the raw bytes are quarantined with this sentence."""

    code = "not_understood"


class TryAgain(Exception):
    """Raised by an adapter's `save_channel_rows` after a lost race: intake processes the row again."""


@dataclass(frozen=True)
class Sign:
    """A reference to a ticket in a message; `name` is the rule that found it.

    A strong one (our own signed id or address) proves that its sender received a message of ours; a weak one,
    such as a number in the subject, can be written by anybody. `reached_copies` means that the message it
    refers to was sent to the participants in copy too.
    """

    name: str
    is_strong: bool
    ticket: Ticket
    reached_copies: bool = False


@dataclass(frozen=True)
class Weighed:
    """The result of a limit check: whether the message may be acknowledged, or how its row ends instead."""

    may_be_answered: bool = False
    refused: Placed | None = None

"""What every channel speaks: the values an adapter turns its input into, and what it must be able to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tickets.channels import signing
from tickets.channels.guessing import Guess, guess_from_json
from tickets.channels.values import DeskLink, Event, Medium
from tickets.errors import Invalid
from tickets.models.delivery_error import DeliveryError

if TYPE_CHECKING:
    from tickets.intake.arrivals import Arrival
    from tickets.models import Channel, Inbound, Message, Outbound, Participant, Ticket


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


@dataclass(frozen=True)
class InboundMessage:
    """One thing somebody said, as any channel hands it to intake.

    `ticket_id` with `layer` is set where the channel itself knows the conversation (a chat session, a
    customer's link); mail leaves it empty and is threaded. `recipients` are all addresses a mail was
    sent to. `refusal` sends the thing to quarantine with that reason, `ignore_rule` to the ignored.
    `agent` names the mail of ours and the account that its sender answers as, by a signed address.
    `wants_promise` is false where the channel makes its own (a call back at a time the customer chose).
    `is_typed`: that it is from this sender is only what somebody filled in, so it joins no ticket by what it
    cites; it opens one that is linked to it.
    """

    sender: Sender
    text: str
    subject: str = ""
    reply_text: str = ""
    html: str = ""
    html_safe: str = ""
    sanitiser: str = ""
    language: str = ""
    at: datetime | None = None
    files: Sequence[InboundFile] = ()
    customer_id: int | None = None
    ticket_id: int | None = None
    layer: str = ""
    client_id: UUID | None = None
    mail_id: str = ""
    in_reply_to: Sequence[str] = ()
    references: Sequence[str] = ()
    recipients: Sequence[str] = ()
    copies: Sequence[tuple[str, str]] = ()
    is_auto: bool = False
    auto_reason: str = ""
    is_bounce: bool = False
    bounced_mail_ids: Sequence[str] = ()
    bounced_addresses: Sequence[str] = ()
    bounced_senders: Sequence[str] = ()
    bounce_status: str = ""
    is_complaint: bool = False
    agent: tuple[str, int] | None = None
    is_mail: bool = False
    is_live: bool = False
    is_typed: bool = False
    wants_acknowledgement: bool = False
    wants_promise: bool = True
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
class Sweep:
    """Work of a channel that must happen even when no bell rings: called every `seconds`."""

    name: str
    seconds: float
    run: Callable[[datetime], Any]


class Adapter:
    """One channel. Everything of it lies in its folder; `registry` finds it there by its slug.

    The class variables say what the channel is and can do. Nobody outside its folder names the channel: the
    desk, intake, delivery, the router and the numbers ask these.
    """

    slug: ClassVar[str]
    label: ClassVar[Any]
    medium: ClassVar[Medium] = Medium.MAIL
    how_to_connect: ClassVar[Any] = ""  # a sentence for the administrator, told beside `connection`
    is_mail: ClassVar[bool] = False  # the company's mail: what no other channel can carry leaves by it
    takes_forms: ClassVar[bool] = False  # what customers fill in on our own pages arrives by it
    takes_documents: ClassVar[bool] = False  # requests that other software makes by the API arrive by it
    takes_events: ClassVar[bool] = False  # signed webhooks arrive by it (`tickets.intake.webhooks`)
    joins_open_ticket: ClassVar[bool] = False  # who cites nothing joins the only open ticket they have
    needs_address: ClassVar[bool] = True  # a reply is sent somewhere, and cannot be without an address
    sends_copies: ClassVar[bool] = False  # whoever takes part besides the requester gets a copy
    sends_files: ClassVar[bool] = True
    can_send_later: ClassVar[bool] = False  # a reply may leave at a chosen time, or be taken back at first
    wait_before_sending: ClassVar[timedelta] = timedelta(0)
    no_address: ClassVar[Any] = _("This customer has no address to which this channel could send a reply.")
    banner_url_name: ClassVar[str] = ""  # a fragment above the desk's menu, for who supervises
    care_links: ClassVar[Sequence[DeskLink]] = ()  # pages beside what needs attention
    desk_links: ClassVar[Sequence[DeskLink]] = ()  # pages of the channel in the desk's menu
    ticket_links: ClassVar[Sequence[DeskLink]] = ()  # the same beside a ticket's reply; "?ticket=" is added

    @property
    def is_live(self) -> bool:
        """Whether somebody waits at the other end while a person is looked for."""
        return self.medium != Medium.MAIL

    @property
    def reply_label(self) -> Any:
        """Return what the desk's button says: "Reply by text message"."""
        return _("Reply by %(channel)s") % {"channel": self.label}

    def receive(self, inbound: Inbound, raw: bytes) -> Sequence[InboundMessage]:
        """Turn one ledger row's raw bytes into messages; raise NotUnderstood when that is not possible."""
        raise NotUnderstood

    def place(self, arrival: Arrival) -> Placed | None:
        """Put a thing where it belongs by the channel's own rules, in the transaction that takes it in.

        None, the usual answer, leaves it to the layers of `tickets.intake.threading`.
        """
        return None

    def appended(self, message: Message, source: InboundMessage, *, now: datetime) -> None:
        """Add the channel's own rows (a call, a chat session) in the transaction that saved the message."""

    def address_proved(self, ticket: Ticket) -> None:
        """Let go of `ticket` whoever speaks in it by nothing but a session: its owner has proved an address.

        Called in the transaction that takes the proof in, before the ticket becomes its owner's.
        """

    def check_event(
        self, channel: Channel, headers: Mapping[str, str], raw: bytes, *, url: str, now: datetime
    ) -> Event:
        """Return the name of a genuine, recent webhook event. Raises `signing.Refused` for any other.

        By default events are signed as `tickets.channels.signing` says; a provider with a signature of its
        own overrides this.
        """
        return Event(signing.check(channel, headers, raw, now=now))

    def guess(self, raw: bytes) -> Guess:
        """Return who wrote and about what, as far as a raw thing that nobody could read tells."""
        return guess_from_json(raw)

    def address_of(self, outbound: Outbound) -> str:
        """Return where this outbound goes, in words for an agent."""
        return outbound.to

    def reply_address(self, requester: Participant | None, mail_address: str) -> str:
        """Return where a reply to `requester` goes, or an empty text when this channel cannot reach them.

        `mail_address` is where they are answered by mail. By default it is whatever they wrote from.
        """
        identity = requester.identity if requester is not None else None
        return identity.value if identity is not None else ""

    def send(self, outbound: Outbound, *, now: datetime) -> SendResult:
        """Try once to deliver; never raise for what the other side does."""
        return SendResult.unsent(DeliveryError.permanent("This channel cannot send."))

    def connection(self, channel: Channel) -> str:
        """Return what is copied to the other side: an address, a line for a page, or nothing."""
        return signing.webhook_address(channel) if self.takes_events else ""

    def shows_secret(self, channel: Channel) -> bool:
        """Tell whether the administrator needs the channel's secret, to give it to the other side."""
        return self.takes_events

    def check_settings(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what is wrong with a channel's settings, as sentences by field."""
        return {}

    def talk_address(self, channel: Channel) -> str:
        """Return the address of a page where customers talk with us at once, or nothing."""
        return ""

    def replies_by(self, ticket: Ticket, channel: Channel) -> bool:
        """Tell whether a reply in `ticket` should leave through this channel now (a live chat, say)."""
        return False

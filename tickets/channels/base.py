"""What every channel is able to do: its adapter, and the words it speaks with the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _

from tickets.channels import signing
from tickets.channels.guessing import Guess, guess_from_json
from tickets.channels.messages import (
    Copied,
    Forwarding,
    InboundFile,
    InboundMessage,
    NotUnderstood,
    Placed,
    Sender,
    SendResult,
    Sign,
    TryAgain,
    Weighed,
)
from tickets.channels.values import DeskLink, Event, Medium, Question
from tickets.models.channels.delivery_error import DeliveryError

if TYPE_CHECKING:
    from tickets.intake.arrivals import Arrival, KeptFile
    from tickets.models import AccessLink, Channel, Inbound, Message, Outbound, Participant, Ticket

__all__ = [
    "Adapter",
    "Copied",
    "Forwarding",
    "InboundFile",
    "InboundMessage",
    "NotUnderstood",
    "Placed",
    "SendResult",
    "Sender",
    "Sign",
    "Sweep",
    "TryAgain",
    "Weighed",
]


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

    def take_answer(
        self, row: Inbound, source: InboundMessage, kept: Sequence[KeptFile], *, now: datetime
    ) -> Placed | None:
        """Take in what no customer says, before anybody looks for one: a report, a colleague's own answer.

        Called in the transaction that takes the row in. None, the usual answer, goes on to the customer.
        """
        return None

    def signs(self, source: InboundMessage) -> Iterable[Sign]:
        """Yield what in a message names a ticket in this channel's own way, from the surest sign on."""
        return ()

    def is_another_matter(self, source: InboundMessage, sign: Sign, channel: Channel) -> bool:
        """Tell whether a message opens a ticket of its own although it cites one of its sender's."""
        return False

    def weigh(self, arrival: Arrival, ticket: Ticket | None, *, wants_answer: bool) -> Weighed | None:
        """Count a message against the channel's own limits, and say whether it may be thanked for.

        `ticket` is the one it joins. None, the usual answer, leaves acknowledgements to the common limits.
        """
        return None

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

    def question(self, ticket: Ticket) -> Question | None:
        """Return what an agent is asked about `ticket`, answered by one click: the channel could not tell."""
        return None

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

    def talk_address_of(self, channel: Channel, participant: Participant, link: AccessLink) -> str:
        """Return `talk_address` for who came to their request's page by a link: the talk is part of it."""
        return self.talk_address(channel)

    def number_to_call(self, channel: Channel) -> str:
        """Return the number (E.164) that customers can call here, or nothing."""
        return ""

    def talks_now(self, channel: Channel) -> bool:
        """Tell whether somebody is free to talk with who opens `talk_address` now; it may be seconds old."""
        return False

    def replies_by(self, ticket: Ticket, channel: Channel) -> bool:
        """Tell whether a reply in `ticket` should leave through this channel now (a live chat, say)."""
        return False

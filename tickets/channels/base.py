"""The adapter: what a channel is, and what it does when it is asked to receive, send or describe itself."""

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
    """Periodic work of a channel: `run(now)` is called every `seconds`, whether or not anything happened."""

    name: str
    seconds: float
    run: Callable[[datetime], Any]


class Adapter:
    """The interface of one channel, found by `registry` in the channel's folder.

    The class variables declare what the channel is and can do. No code outside the folder names the channel:
    the desk, intake, delivery, routing and metrics ask for these capabilities.
    """

    slug: ClassVar[str]
    label: ClassVar[Any]
    medium: ClassVar[Medium] = Medium.MAIL
    how_to_connect: ClassVar[Any] = ""  # a sentence for the administrator, shown with `connection`
    is_mail: ClassVar[bool] = False  # the company's mail, which sends what no other channel can
    takes_forms: ClassVar[bool] = False  # receives the forms of our own pages
    takes_documents: ClassVar[bool] = False  # receives requests made by the API
    takes_events: ClassVar[bool] = False  # receives signed webhooks (`tickets.intake.webhooks`)
    joins_open_ticket: ClassVar[bool] = (
        False  # a message without a reference joins the sender's only open ticket
    )
    needs_address: ClassVar[bool] = True  # a reply cannot be sent without an address
    sends_copies: ClassVar[bool] = False  # the other participants get a copy of a reply
    sends_files: ClassVar[bool] = True
    can_send_later: ClassVar[bool] = False  # replies can be scheduled, and undone before they are sent
    wait_before_sending: ClassVar[timedelta] = timedelta(0)
    no_address: ClassVar[Any] = _("This customer has no address to which this channel could send a reply.")
    banner_url_name: ClassVar[str] = ""  # a fragment above the desk's navigation, for supervisors
    care_links: ClassVar[Sequence[DeskLink]] = ()  # pages linked from "Needs attention"
    desk_links: ClassVar[Sequence[DeskLink]] = ()  # pages linked from the desk's navigation
    ticket_links: ClassVar[Sequence[DeskLink]] = ()  # pages linked from a ticket's composer, with "?ticket="

    @property
    def is_live(self) -> bool:
        """Whether the customer waits in person while an agent is found, as in a call or a chat."""
        return self.medium != Medium.MAIL

    @property
    def reply_label(self) -> Any:
        """The label of the composer's reply tab, such as "Reply by text message"."""
        return _("Reply by %(channel)s") % {"channel": self.label}

    def receive(self, inbound: Inbound, raw: bytes) -> Sequence[InboundMessage]:
        """Parse the raw bytes of a ledger row into messages.

        Raises:
            NotUnderstood: the bytes cannot be read; the row is then quarantined with the error's sentence.
        """
        raise NotUnderstood

    def take_answer(
        self, row: Inbound, source: InboundMessage, kept: Sequence[KeptFile], *, now: datetime
    ) -> Placed | None:
        """Handle a message that is not from a customer, such as a bounce report or an agent's reply by mail.

        Called before the customer is looked up, in the transaction that processes the row. Return how the row
        ends, or None (the default) if the message is an ordinary one.
        """
        return None

    def signs(self, source: InboundMessage) -> Iterable[Sign]:
        """Yield the references to tickets in a message, as this channel writes them, most reliable first."""
        return ()

    def is_another_matter(self, source: InboundMessage, sign: Sign, channel: Channel) -> bool:
        """Return whether a message opens a new ticket although it refers to one of its sender's tickets."""
        return False

    def weigh(self, arrival: Arrival, ticket: Ticket | None, *, wants_answer: bool) -> Weighed | None:
        """Count a message against the channel's own limits, and decide whether it may be acknowledged.

        `ticket` is the one it joins. None (the default) leaves acknowledgements to the common limits.
        """
        return None

    def place(self, arrival: Arrival) -> Placed | None:
        """Assign an arrival to a ticket by the channel's own rules, in the transaction that processes it.

        None (the default) leaves it to the rules of `tickets.intake.threading`.
        """
        return None

    def save_channel_rows(self, message: Message, source: InboundMessage, *, now: datetime) -> None:
        """Save the channel's own rows (a call, a chat session) in the transaction that saved the message.

        Raises:
            TryAgain: another process changed these rows meanwhile; intake then processes the row again.
        """

    def detach_unverified_visitors(self, ticket: Ticket) -> None:
        """Detach from `ticket` visitors who are identified by a session alone: its owner verified an address.

        Called in the transaction that records the verification, before the ticket becomes its owner's.
        """

    def check_event(
        self, channel: Channel, headers: Mapping[str, str], raw: bytes, *, url: str, now: datetime
    ) -> Event:
        """Return the id of a webhook event whose signature is valid and recent.

        The default is the signature of `tickets.channels.signing`; channels of providers with their own
        signature override this.

        Raises:
            Refused: the signature is missing, wrong or too old.
        """
        return Event(signing.check(channel, headers, raw, now=now))

    def question(self, ticket: Ticket) -> Question | None:
        """Return a question about `ticket` that the channel cannot decide, for an agent's one click."""
        return None

    def guess(self, raw: bytes) -> Guess:
        """Return the sender and subject that unreadable raw bytes seem to contain."""
        return guess_from_json(raw)

    def reply_address(self, requester: Participant | None, mail_address: str) -> str:
        """Return the address of a reply to `requester`, or an empty text if this channel cannot reach them.

        `mail_address` is their address for replies by mail. The default is the identity they wrote from.
        """
        identity = requester.identity if requester is not None else None
        return identity.value if identity is not None else ""

    def send(self, outbound: Outbound, *, now: datetime) -> SendResult:
        """Try once to deliver an outbox row and return the result; never raise for a failed delivery."""
        return SendResult.unsent(DeliveryError.permanent("This channel cannot send."))

    def connection(self, channel: Channel) -> str:
        """Return what the administrator copies to the other side: a URL, a line of HTML, or nothing."""
        return signing.webhook_address(channel) if self.takes_events else ""

    def shows_secret(self, channel: Channel) -> bool:
        """Return whether the administrator is shown the channel's secret, to copy it to the other side."""
        return self.takes_events

    def check_settings(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return error sentences by field for a channel's settings; empty if they are valid."""
        return {}

    def live_url(self, channel: Channel) -> str:
        """Return the URL of a page where customers talk with an agent live, or an empty text."""
        return ""

    def live_url_for(self, channel: Channel, participant: Participant, link: AccessLink) -> str:
        """Return `live_url` for a participant who opened their request by `link`: the talk belongs to it."""
        return self.live_url(channel)

    def number_to_call(self, channel: Channel) -> str:
        """Return the number (E.164) that customers can call here, or an empty text."""
        return ""

    def is_agent_available(self, channel: Channel) -> bool:
        """Return whether an agent is free for a visitor who opens `live_url` now; may be some seconds old."""
        return False

    def carries_reply(self, ticket: Ticket, channel: Channel) -> bool:
        """Return whether a reply in `ticket` should be sent by this channel now, such as in an open chat."""
        return False

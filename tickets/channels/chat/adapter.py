"""Chat: a visitor's words in by the ledger, replies read from the rows while they are there, else by mail."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy

from tickets import events
from tickets.actor import Actor
from tickets.channels.base import Adapter, InboundMessage, NotUnderstood, Sender, SendResult, TryAgain
from tickets.channels.chat import presence, requests
from tickets.channels.chat.session import answer_address, give_address, takes_replies
from tickets.channels.values import Medium
from tickets.customers import correction
from tickets.models import (
    AccessLink,
    Channel,
    ChatSession,
    Identity,
    Inbound,
    Message,
    Outbound,
    Participant,
    Ticket,
)
from tickets.models.channels.delivery_error import DeliveryError


@dataclass(frozen=True)
class Said:
    """What the ledger row was about, and the ticket and contact its session had when it was read."""

    session_id: int
    ticket_id: int | None
    contact_id: int | None
    inbound_id: int

    @property
    def as_read(self) -> Q:
        """Match the session only while nobody else has changed it."""
        ticket = Q(ticket=self.ticket_id) if self.ticket_id else Q(ticket=None)
        contact = Q(contact=self.contact_id) if self.contact_id else Q(contact=None)
        return Q(ticket, contact, pk=self.session_id)


class ChatAdapter(Adapter):
    slug: ClassVar[str] = "chat"
    label = gettext_lazy("chat")
    medium = Medium.CHAT
    needs_address = False  # the visitor's window reads the rows
    reply_label = gettext_lazy("Reply in the chat")
    wait_before_sending = timedelta(minutes=2)
    how_to_connect = gettext_lazy("Put this line into each page that should have the chat.")

    def connection(self, channel: Channel) -> str:
        """Return the line that opens this chat in a page."""
        return f'<script src="{settings.PUBLIC_URL}/widget.js" data-key="{channel.key}" defer></script>'

    def receive(self, inbound: Inbound, raw: bytes) -> Sequence[InboundMessage]:
        try:
            said = json.loads(raw)
            client_id, text = UUID(said["client_id"]), str(said["text"])
            session_id = str(said["session"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise NotUnderstood from error
        session = _session(inbound, session_id)
        if session is None:
            raise NotUnderstood(gettext("This chat is not known here."))
        return [_message(session, inbound, client_id, text)]

    def appended(self, message: Message, source: InboundMessage, *, now: datetime) -> None:
        """Bind the session to its ticket and contact; whoever comes second reads again what is there."""
        said: Said = source.details
        if message.inbound_id != said.inbound_id:
            return  # sent twice: the first one has done all this
        fields: dict[str, Any] = {"ticket": message.ticket, "left_at": None, "ended_at": None}
        if message.contact_id:
            fields["contact"] = message.contact_id
        if is_new_ticket := said.ticket_id != message.ticket_id:
            fields["seen_seq"] = 0
        if not ChatSession.objects.filter(said.as_read).update(**fields):
            raise TryAgain
        if is_new_ticket or "contact" not in source.facts:
            session = ChatSession.objects.get(pk=said.session_id)
            give_address(session, message.ticket, now=now)
            if message.contact_id and "contact" not in source.facts:
                _record_opening(session, message, now=now)

    def address_proved(self, ticket: Ticket) -> None:
        """Part a visitor from a ticket whose address has answered by mail: they may be two people.

        The window begins anew; what the visitor writes then opens a ticket of their own.
        """
        sessions = ChatSession.objects.filter(ticket=ticket, participant=None)
        visitors = list(sessions.values_list("public_id", flat=True))
        Identity.objects.filter(kind=Identity.Kind.VISITOR, value__in=visitors).delete()
        sessions.update(ticket=None, contact=None, seen_seq=0, email="")

    def address_of(self, outbound: Outbound) -> str:
        return gettext("the chat")

    def reply_address(self, requester: Participant | None, mail_address: str) -> str:
        """Return where the reply goes by mail, if the visitor is gone before they read it."""
        return mail_address

    def talk_address(self, channel: Channel) -> str:
        return f"{reverse('chat:page')}?key={channel.key}"

    def talk_address_of(self, channel: Channel, participant: Participant, link: AccessLink) -> str:
        """Return the chat's page for a request; what stands after # is told to no server."""
        given = requests.make_pass(participant, link)
        return f"{self.talk_address(channel)}#{participant.ticket.public_id}/{given}"

    def talks_now(self, channel: Channel) -> bool:
        return presence.is_somebody_here(channel)

    def send(self, outbound: Outbound, *, now: datetime) -> SendResult:
        """Nothing is pushed: the visitor's window reads the rows. Settle what became of a reply."""
        message = outbound.message
        if message is None:
            return SendResult.unsent(DeliveryError.permanent("Only replies are sent through the chat."))
        if ChatSession.objects.filter(ticket=message.ticket_id, seen_seq__gte=message.seq).exists():
            return SendResult.sent()
        address = answer_address(message.ticket)
        if correction.is_changed_since(message.ticket, outbound.created_at):
            address = outbound.to  # it was written to whom the ticket was from then
        if address:
            return SendResult.by_mail(address)
        said = gettext("The visitor has not read this yet and has left no address.")
        return SendResult.unsent(DeliveryError.temporary(said, provider=self.slug))

    def replies_by(self, ticket: Ticket, channel: Channel) -> bool:
        return takes_replies(ticket)


def _session(inbound: Inbound, public_id: str) -> ChatSession | None:
    sessions = ChatSession.objects.select_related("contact__ticket", "ticket", "participant")
    return sessions.filter(channel=inbound.channel_id, public_id=public_id).first()


def _message(session: ChatSession, inbound: Inbound, client_id: UUID, text: str) -> InboundMessage:
    facts: dict[str, Any] = {"session_id": session.pk}
    contact = session.contact
    if contact is not None and contact.ended_at is None and not contact.ticket.is_spam:
        facts["contact"] = contact
    ticket_id, speaker_id = session.ticket_id, None
    if session.participant is not None:
        ticket_id, speaker_id = ticket_id or session.participant.ticket_id, session.participant.customer_id
    elif session.ticket is not None:
        # Whose matter it is may have been settled by an agent meanwhile: the ticket's customer speaks.
        speaker_id = session.ticket.customer_id
    with translation.override(session.language):
        display = gettext("Visitor %(id)s") % {"id": session.public_id[:4].upper()}
    return InboundMessage(
        sender=Sender("visitor", session.public_id, name=session.name, display=display, is_verified=True),
        text=text,
        language=session.language,
        customer_id=speaker_id,
        ticket_id=ticket_id,
        layer="chat_session",
        client_id=client_id,
        facts=facts,
        details=Said(session.pk, session.ticket_id, session.contact_id, inbound.pk),
    )


def _record_opening(session: ChatSession, message: Message, *, now: datetime) -> None:
    events.record(
        "chat.opened",
        ticket=message.ticket,
        by=Actor.for_visitor(session),
        at=now,
        channel="chat",
        contact_id=message.contact_id,
        data={"session": session.pk},
    )


adapter = ChatAdapter()

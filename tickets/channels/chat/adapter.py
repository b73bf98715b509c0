"""The chat's adapter: visitors' messages come by the ledger; replies are read by the widget, or mailed."""

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
from tickets.channels.chat import presence, request_pass
from tickets.channels.chat.session import accepts_replies, claim_address, find_answer_address
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
class SessionSnapshot:
    """The session of a ledger row, with the ticket and contact that it had when the row was parsed."""

    session_id: int
    ticket_id: int | None
    contact_id: int | None
    inbound_id: int

    @property
    def unchanged(self) -> Q:
        """The condition that matches the session only if its ticket and contact are still the same."""
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
            document = json.loads(raw)
            client_id, text = UUID(document["client_id"]), str(document["text"])
            session_id = str(document["session"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise NotUnderstood from error
        session = _find_session(inbound, session_id)
        if session is None:
            raise NotUnderstood(gettext("This chat is not known here."))
        return [_build_message(session, inbound, client_id, text)]

    def save_channel_rows(self, message: Message, source: InboundMessage, *, now: datetime) -> None:
        """Save the message's ticket and contact in its session.

        Raises:
            TryAgain: another message of the visitor changed the session after this row was parsed.
        """
        snapshot: SessionSnapshot = source.details
        if message.inbound_id != snapshot.inbound_id:
            return  # the visitor sent it twice, and the first copy has done all this
        fields: dict[str, Any] = {"ticket": message.ticket, "left_at": None, "ended_at": None}
        if message.contact_id:
            fields["contact"] = message.contact_id
        if is_new_ticket := snapshot.ticket_id != message.ticket_id:
            fields["seen_seq"] = 0
        # A guarded update instead of a lock: two first messages must not open a ticket each.
        if not ChatSession.objects.filter(snapshot.unchanged).update(**fields):
            raise TryAgain
        if is_new_ticket or "contact" not in source.facts:
            session = ChatSession.objects.get(pk=snapshot.session_id)
            claim_address(session, message.ticket, now=now)
            if message.contact_id and "contact" not in source.facts:
                _record_opening(session, message, now=now)

    def detach_unverified_visitors(self, ticket: Ticket) -> None:
        """Detach visitors from a ticket once its mail address is verified: the visitor may be somebody else.

        The widget then starts empty, and the visitor's next message opens a new ticket.
        """
        sessions = ChatSession.objects.filter(ticket=ticket, participant=None)
        visitors = list(sessions.values_list("public_id", flat=True))
        Identity.objects.filter(kind=Identity.Kind.VISITOR, value__in=visitors).delete()
        sessions.update(ticket=None, contact=None, seen_seq=0, email="")

    def reply_address(self, requester: Participant | None, mail_address: str) -> str:
        """Return the mail address to which the reply goes if the visitor leaves before reading it."""
        return mail_address

    def live_url(self, channel: Channel) -> str:
        return f"{reverse('chat:page')}?key={channel.key}"

    def live_url_for(self, channel: Channel, participant: Participant, link: AccessLink) -> str:
        """Return the URL of the chat page with a pass for the request.

        The pass is in the fragment, which browsers do not send to servers, so that no log contains it.
        """
        page_pass = request_pass.make_pass(participant, link)
        return f"{self.live_url(channel)}#{participant.ticket.public_id}/{page_pass}"

    def is_agent_available(self, channel: Channel) -> bool:
        return presence.is_agent_available(channel)

    def send(self, outbound: Outbound, *, now: datetime) -> SendResult:
        """Return whether the visitor has read the reply; if not, send it by mail or defer it.

        Nothing is transmitted here: the visitor's widget loads the rows itself.
        """
        message = outbound.message
        if message is None:
            return SendResult.unsent(DeliveryError.permanent("Only replies are sent through the chat."))
        if ChatSession.objects.filter(ticket=message.ticket_id, seen_seq__gte=message.seq).exists():
            return SendResult.sent()
        address = find_answer_address(message.ticket)
        if correction.was_corrected_since(message.ticket, outbound.created_at):
            address = outbound.to  # it was written to whom the ticket was from then
        if address:
            return SendResult.by_mail(address)
        reason = gettext("The visitor has not read this yet and has left no address.")
        return SendResult.unsent(DeliveryError.temporary(reason, provider=self.slug))

    def carries_reply(self, ticket: Ticket, channel: Channel) -> bool:
        return accepts_replies(ticket)


def _find_session(inbound: Inbound, public_id: str) -> ChatSession | None:
    sessions = ChatSession.objects.select_related("contact__ticket", "ticket", "participant")
    return sessions.filter(channel=inbound.channel_id, public_id=public_id).first()


def _build_message(session: ChatSession, inbound: Inbound, client_id: UUID, text: str) -> InboundMessage:
    facts: dict[str, Any] = {"session_id": session.pk}
    contact = session.contact
    if contact is not None and contact.ended_at is None and not contact.ticket.is_spam:
        facts["contact"] = contact
    ticket_id, customer_id = session.ticket_id, None
    if session.participant is not None:
        ticket_id, customer_id = ticket_id or session.participant.ticket_id, session.participant.customer_id
    elif session.ticket is not None:
        # An agent may have changed the ticket's customer meanwhile; the visitor is then this customer too.
        customer_id = session.ticket.customer_id
    with translation.override(session.language):
        display = gettext("Visitor %(id)s") % {"id": session.public_id[:4].upper()}
    return InboundMessage(
        sender=Sender("visitor", session.public_id, name=session.name, display=display, is_verified=True),
        text=text,
        language=session.language,
        customer_id=customer_id,
        ticket_id=ticket_id,
        layer="chat_session",
        client_id=client_id,
        facts=facts,
        details=SessionSnapshot(session.pk, session.ticket_id, session.contact_id, inbound.pk),
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

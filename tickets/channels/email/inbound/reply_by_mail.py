"""Agents who reply by mail: customers' messages are mailed to them, with a personal address to reply to.

The signed address identifies the mail and the agent; our mail server's DMARC result authenticates the sender.
Both are required, and the agent must still have access to the ticket when the reply arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from tickets.actor import Actor
from tickets.channels.base import InboundMessage, Placed
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import personal
from tickets.delivery import outbox
from tickets.errors import DomainError
from tickets.intake import arrivals
from tickets.models import Follower, Inbound, Message, Outbound, QueueMembership, Ticket

REACH = timedelta(hours=12)
REFUSED = Inbound.State.QUARANTINED


def tell_due(*, now: datetime, limit: int = 50) -> int:
    """Mail recent customers' messages to agents who want them by mail; return the number of mails queued.

    These are the ticket's own agent, if they chose so, and its followers.
    """
    wanting = QueueMembership.objects.live(now).filter(
        wants_mail=True, user=OuterRef("ticket__assignee"), queue=OuterRef("ticket__queue")
    )
    told = _mails_to(OuterRef("ticket__assignee"))
    fresh = _fresh(now)
    due = fresh.exclude(ticket__assignee=None).filter(Exists(wanting), ~Exists(told), ticket__is_spam=False)
    messages = due.select_related("ticket__assignee", "ticket__queue", "ticket__channel").order_by("pk")
    to_assignees = sum(
        notify_agent(message, message.ticket.assignee, now=now) is not None for message in messages[:limit]
    )
    return to_assignees + _tell_followers(now=now, limit=limit)


def _fresh(now: datetime) -> QuerySet[Message]:
    """Return customers' recent messages."""
    return Message.objects.filter(
        kind=Message.Kind.INBOUND,
        is_auto=False,
        is_held=False,
        created_at__gt=now - REACH,
        created_at__lte=now,
    )


def _mails_to(agent: OuterRef) -> QuerySet[Outbound]:
    """Return our mails of the outer message to the outer row's `agent`."""
    named = Cast(KeyTextTransform("agent", "payload"), BigIntegerField())
    return Outbound.objects.annotate(named=named).filter(message=OuterRef("pk"), named=agent)


def _tell_followers(*, now: datetime, limit: int) -> int:
    """Mail each new message once to followers who still work in the ticket's queue."""
    told_them = _mails_to(OuterRef(OuterRef("user")))
    untold = _fresh(now).filter(
        ~Exists(told_them), ticket=OuterRef("ticket"), created_at__gt=OuterRef("since")
    )
    followers = Follower.objects.with_access(now).filter(Exists(untold), ticket__is_spam=False)
    followers = followers.exclude(user__email="")
    count = 0
    for follower in followers.select_related("user").order_by("pk")[:limit]:
        told = Outbound.objects.filter(message=OuterRef("pk"), payload__agent=follower.user_id)
        due = _fresh(now).filter(~Exists(told), ticket=follower.ticket_id, created_at__gt=follower.since)
        rows = due.select_related("ticket__queue", "ticket__channel").order_by("pk")
        count += sum(notify_agent(message, follower.user, now=now) is not None for message in rows[:limit])
    return count


def notify_agent(message: Message, user: Any, *, now: datetime) -> Outbound | None:
    """Queue a mail with one message to one agent, or return None if they or the ticket have no address."""
    ticket = message.ticket
    channel = outbox.choose_mail_channel(ticket)
    if channel is None or not user.email or not user.is_active:
        return None
    is_hidden = ticket.queue_id in personal.load_helper_queues(Actor.for_user(user))
    person = message.author_customer
    payload = {
        "agent": user.pk,
        "customer_name": personal.choose_display_name(person, is_hidden=is_hidden) if person else "",
        "template": "tickets/mail/for_agent",
        "language": getattr(user, "language", "") or ticket.language,
        "subject": f"[#{ticket.pk}] {ticket.subject}"[:200],
    }
    with transaction.atomic():
        return outbox.add_outbound(
            Outbound.Kind.NOTICE,
            channel=channel,
            to=user.email,
            ticket=ticket,
            message=message,
            payload=payload,
            now=now,
        )


def take_agent_reply(
    row: Inbound,
    source: InboundMessage,
    kept: Sequence[arrivals.KeptFile],
    answered: tuple[str, int],
    *,
    now: datetime,
) -> Placed:
    """Send an agent's mail to the customer as their reply; quarantine it if that is not allowed.

    `answered` is (public id of our mail, account id), from the signed address. If the customer has written
    again meanwhile, the reply becomes an internal note.
    """
    public_id, user_id = answered
    told = (
        Outbound.objects.filter(public_id=public_id, payload__agent=user_id).select_related("message").first()
    )
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
    if told is None or user is None or user.email.lower() != source.sender.value:
        return Placed(
            REFUSED, "agent_unknown", said=_("The sender is not the colleague this address was made for.")
        )
    actor = Actor.for_user(user)
    ticket = Ticket.objects.visible_to(actor).filter(outbounds=told).first()
    if ticket is None:
        return Placed(
            REFUSED, "agent_no_right", said=_("The colleague no longer works in the ticket's queue.")
        )
    words = Words(source.reply_text or source.text, told.message.seq if told.message else None)
    try:
        message = replies.reply(ticket, words, by=actor, now=now)
        why = "agent_mail"
    except DomainError:
        message, why = replies.note(ticket, words, by=actor, now=now), "agent_mail_late"
    Message.objects.filter(pk=message.pk).update(
        inbound=row, thread_layer="agent_address", mail_id=source.external_id[:500]
    )
    arrivals.save_files(message, kept, at=now)
    return Placed(Inbound.State.ATTACHED, why, ticket, message)

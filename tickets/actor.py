"""The actor: who changes or reads something. Verbs take one as `by`, queries as `visible_to(actor)`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tickets.models import ChatSession, Customer, Identity, Participant


class ActorKind(StrEnum):
    """The five kinds of actors; only `user` and `customer`/`visitor` are people."""

    USER = "user"
    CUSTOMER = "customer"
    VISITOR = "visitor"
    CHANNEL = "channel"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Someone or something that acts.

    - `id`: the primary key of the user, customer or chat session, or the slug of a channel.
    - `ticket_id`: set for a customer who used the link to one ticket; they see only that ticket.
    - `identity_id`: set for a customer who used a link to all their requests; they see the tickets in which
      that address takes part. A customer with neither id can act, but sees nothing.
    - `user`: the account of a user, so that checks of rights need no second query.
    - `queues`: the ids of the queues that a user sees, if the caller has loaded them
      (`Queue.objects.visible_to`). They are valid for one request only.
    """

    kind: ActorKind
    id: str = ""
    ticket_id: int | None = None
    identity_id: int | None = None
    user: Any = field(default=None, compare=False, repr=False)
    queues: tuple[int, ...] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def for_user(cls, user: Any) -> Actor:
        """Return the actor of a signed-in account (agent, supervisor or administrator)."""
        return cls(ActorKind.USER, str(user.pk), user=user)

    @classmethod
    def for_customer(cls, customer: Customer) -> Actor:
        """Return the actor of a customer who does something. This actor sees no ticket."""
        return cls(ActorKind.CUSTOMER, str(customer.pk))

    @classmethod
    def for_identity(cls, identity: Identity) -> Actor:
        """Return the actor of a customer who proved an address; they see the tickets it takes part in."""
        return cls(ActorKind.CUSTOMER, str(identity.customer_id), identity_id=identity.pk)

    @classmethod
    def for_participant(cls, participant: Participant) -> Actor:
        """Return the actor of a participant who used a link: they see that one ticket."""
        return cls(ActorKind.CUSTOMER, str(participant.customer_id), ticket_id=participant.ticket_id)

    @classmethod
    def for_visitor(cls, session: ChatSession) -> Actor:
        """Return the actor of the visitor of one chat."""
        return cls(ActorKind.VISITOR, str(session.pk), ticket_id=session.ticket_id)

    @classmethod
    def for_channel(cls, slug: str) -> Actor:
        """Return the actor of a channel that acts without a person (a webhook, a mailbox)."""
        return cls(ActorKind.CHANNEL, slug)

    @property
    def is_user(self) -> bool:
        return self.kind is ActorKind.USER

    @property
    def is_customer(self) -> bool:
        return self.kind in (ActorKind.CUSTOMER, ActorKind.VISITOR)

    @property
    def is_human(self) -> bool:
        return self.is_user or self.is_customer

    @property
    def is_administrator(self) -> bool:
        return self.is_user and bool(self.user and self.user.is_active and self.user.is_superuser)

    @property
    def user_id(self) -> int | None:
        """The account's primary key, or None when this is not a user."""
        return int(self.id) if self.is_user else None


SYSTEM = Actor(ActorKind.SYSTEM)

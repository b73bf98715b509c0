"""Who does something or looks at something: one value for `by=`, `visible_to()` and events."""

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

    `id` is the primary key of the user, customer or chat session, or the slug of a channel. `ticket_id`
    narrows a customer who came by a link to that one ticket, `identity_id` one who came by a mailed link to
    the tickets in which that address took part. A customer with neither acts, but sees nothing. `user`
    carries the account of a user, so that rights need no second look-up; `queues` are the queues a user
    sees, where the caller has just read them (`Queue.objects.visible_to`): for one request, no longer.
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
        """Return a customer who does something. It gives no sight of any ticket."""
        return cls(ActorKind.CUSTOMER, str(customer.pk))

    @classmethod
    def for_identity(cls, identity: Identity) -> Actor:
        """Return the customer who has proved one address: they see the tickets in which it took part."""
        return cls(ActorKind.CUSTOMER, str(identity.customer_id), identity_id=identity.pk)

    @classmethod
    def for_participant(cls, participant: Participant) -> Actor:
        """Return the holder of a link: one participant of one ticket."""
        return cls(ActorKind.CUSTOMER, str(participant.customer_id), ticket_id=participant.ticket_id)

    @classmethod
    def for_visitor(cls, session: ChatSession) -> Actor:
        """Return the visitor of one chat."""
        return cls(ActorKind.VISITOR, str(session.pk), ticket_id=session.ticket_id)

    @classmethod
    def for_channel(cls, slug: str) -> Actor:
        """Return a channel acting by itself (a webhook, a mailbox)."""
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

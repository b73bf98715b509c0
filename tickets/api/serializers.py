"""The serializers of the API. Their docstrings are part of the OpenAPI schema."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tickets.customers import details, personal
from tickets.models import Attachment, Customer, Identity, Message, Outbound, Ticket
from tickets.models.fields import Language


class IdentitySerializer(serializers.ModelSerializer[Identity]):
    """One address or number; `verified_at` is null where somebody only typed it (a claim).

    Whoever only helps out in a queue for a while reads the first letter or the last digits.
    """

    value = serializers.SerializerMethodField("get_shown")

    class Meta:
        model = Identity
        fields = ["kind", "value", "verified_at"]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField())
    def get_shown(self, identity: Identity) -> str:
        return personal.mask_if_hidden(identity.value, is_hidden=getattr(identity, "is_masked", False))


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    """A customer as the key's queues know them; identities are read-only here.

    Notes, place and time zone are those of your queues. What you write is kept in the queue of the customer's
    newest ticket that you see.
    """

    id = serializers.CharField(source="public_id", read_only=True)
    identities = IdentitySerializer(many=True, read_only=True)
    notes = serializers.CharField(read_only=True)
    place = serializers.CharField(read_only=True)
    time_zone = serializers.CharField(read_only=True)

    class Meta:
        model = Customer
        fields = ["id", "name", "language", "time_zone", "place", "notes", "identities", "created_at"]
        read_only_fields = fields

    def to_representation(self, instance: Customer) -> dict[str, Any]:
        """Add the details noted by the reader's queues, which the view has prefetched."""
        for name, value in details.merge_details(list(instance.details.all())).items():
            setattr(instance, name, value)
        return super().to_representation(instance)


class CustomerChangeSerializer(serializers.Serializer[Any]):
    """What may be written on a customer's card."""

    name = serializers.CharField(max_length=200, allow_blank=True)
    language = serializers.ChoiceField(choices=Language.choices, allow_blank=True)
    time_zone = serializers.CharField(
        max_length=40, allow_blank=True, help_text="A name of the IANA list, such as Europe/Paris."
    )
    place = serializers.CharField(max_length=120, allow_blank=True)
    notes = serializers.CharField(max_length=20_000, allow_blank=True)

    def validate_time_zone(self, name: str) -> str:
        if name and name not in zoneinfo.available_timezones():
            raise serializers.ValidationError(_("Write a time zone such as Europe/Paris."))
        return name


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A ticket as agents see it."""

    number = serializers.IntegerField(source="pk", read_only=True)
    queue = serializers.CharField(source="queue.slug", read_only=True)
    channel = serializers.CharField(source="channel.slug", read_only=True)
    customer = serializers.CharField(source="customer.public_id", read_only=True)
    customer_name = serializers.SerializerMethodField()
    assignee = serializers.CharField(source="assignee.email", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Ticket
        fields = [
            "number", "subject", "state", "waits_on", "priority", "queue", "channel", "language", "customer",
            "customer_name", "assignee", "is_spam", "created_at", "updated_at", "waiting_since",
            "first_response_at", "solved_at", "closed_at", "reopened_count", "version",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.CharField())
    def get_customer_name(self, ticket: Ticket) -> str:
        return personal.choose_display_name(
            ticket.customer, is_hidden=ticket.queue_id in self.context["helper_queues"]
        )


class TicketChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of a ticket itself."""

    subject = serializers.CharField(max_length=500)
    priority = serializers.ChoiceField(
        choices=Ticket.Priority.choices, help_text="0 low, 1 normal, 2 high, 3 urgent"
    )
    queue = serializers.CharField(max_length=50, help_text="The short name of one of your queues.")


class NewCustomerSerializer(serializers.Serializer[Any]):
    """The customer a new request is from."""

    email = serializers.EmailField()
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class NewTicketSerializer(serializers.Serializer[Any]):
    """A request handed in for a customer; it takes the same door as a mail or a form."""

    queue = serializers.CharField(max_length=50, help_text="The short name of one of your queues.")
    customer = NewCustomerSerializer()
    subject = serializers.CharField(max_length=500)
    text = serializers.CharField(max_length=200_000)
    language = serializers.ChoiceField(choices=Language.choices, required=False)


class StateSerializer(serializers.Serializer[Any]):
    """The state a ticket shall be in."""

    state = serializers.ChoiceField(choices=["open", "pending", "on_hold", "solved", "closed"])


class SpamSerializer(serializers.Serializer[Any]):
    """Whether a ticket is spam."""

    is_spam = serializers.BooleanField()


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    """A file of a message."""

    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = Attachment
        fields = ["id", "name", "content_type", "size", "is_inline"]
        read_only_fields = fields


class MessageSerializer(serializers.ModelSerializer[Message]):
    """A message; `delivery` is the state of an outgoing one."""

    id = serializers.CharField(source="public_id", read_only=True)
    channel = serializers.CharField(source="channel_slug", read_only=True)
    author = serializers.SerializerMethodField()
    delivery = serializers.SerializerMethodField()
    attachments = AttachmentSerializer(many=True, read_only=True)

    class Meta:
        model = Message
        fields = [
            "id", "seq", "kind", "channel", "author", "text", "reply_text", "language", "is_auto", "is_held",
            "thread_layer", "delivery", "attachments", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.CharField())
    def get_author(self, message: Message) -> str:
        if message.author_user is not None:
            return str(message.author_user)
        if message.author_customer is None:
            return message.from_name
        is_hidden = message.ticket.queue_id in self.context["helper_queues"]
        return personal.choose_display_name(message.author_customer, is_hidden=is_hidden)

    @extend_schema_field(serializers.ChoiceField(choices=Outbound.State.choices, allow_null=True))
    def get_delivery(self, message: Message) -> str | None:
        states = [o.state for o in message.outbounds.all()]
        return states[-1] if states else None


class NewMessageSerializer(serializers.Serializer[Any]):
    """A reply to the customer or an internal note, written by the key's owner."""

    kind = serializers.ChoiceField(choices=["out", "note"])
    text = serializers.CharField(max_length=200_000)
    then = serializers.ChoiceField(choices=["pending", "open", "on_hold", "solved"], default="pending")
    seen_seq = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text="The last message you saw; newer ones make the reply a conflict.",
    )

"""The REST resources of tickets. Their docstrings are part of the OpenAPI schema."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.actor import Actor
from tickets.api import idempotency
from tickets.api import serializers as shapes
from tickets.api.base import ListResource, Resource
from tickets.api.errors import TryLater
from tickets.api.filters import CustomerFilter, TicketFilter
from tickets.channels.registry import document_slug
from tickets.clock import database_now
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import details, personal
from tickets.errors import Invalid
from tickets.intake import receive
from tickets.models import Channel, Customer, Identity, Inbound, Message, Queue, Ticket
from tickets.promises import answered


class TicketList(ListResource[Ticket]):
    """Tickets, newest first; POST hands in a request for a customer."""

    serializer_class = shapes.TicketSerializer
    filterset_class = TicketFilter
    repeatable = ("state",)
    orders = {"-number": "-id", "number": "id"}
    bodies = {"post": shapes.NewTicketSerializer}
    queryset = Ticket.objects.none()

    def get_queryset(self) -> QuerySet[Ticket]:
        return Ticket.objects.visible_to(self.actor).for_list()

    @extend_schema(responses={201: shapes.TicketSerializer})
    def post(self, request: Request) -> Response:
        form = self.body()
        queue = self.queue(form["queue"])
        now, raw = database_now(), json.dumps(form, sort_keys=True).encode()
        outcome = receive.receive(
            _load_api_channel(queue), raw, source_key=_build_source_key(request), now=now
        )
        if outcome.state == Inbound.State.FAILED:
            raise TryLater
        if outcome.ticket is None:
            raise Invalid(outcome.why or None, code="not_accepted")
        answer = self.shape(shapes.TicketSerializer, self.ticket(outcome.ticket.pk))
        return Response(answer, status=status.HTTP_201_CREATED)


class TicketDetail(Resource):
    """One ticket; PATCH changes subject, priority or queue."""

    shown = shapes.TicketSerializer
    bodies = {"patch": shapes.TicketChangeSerializer}
    elsewhere = {
        "assignee": "PUT /api/v1/tickets/{number}/assignment/",
        "state": "PUT /api/v1/tickets/{number}/state/",
        "is_spam": "PUT /api/v1/tickets/{number}/spam/",
        "customer_name": "PATCH /api/v1/customers/{id}/",
    }

    @extend_schema(responses=shapes.TicketSerializer)
    def get(self, request: Request, number: int) -> Response:
        return Response(self.shape(shapes.TicketSerializer, self.ticket(number)))

    @extend_schema(responses=shapes.TicketSerializer)
    def patch(self, request: Request, number: int) -> Response:
        ticket = self.ticket(number)
        change, now = self.body(partial=True), database_now()
        queue = self.queue(change["queue"]) if "queue" in change else None
        if "subject" in change:
            ticket.rename(change["subject"], by=self.actor, now=now)
        if "priority" in change:
            ticket.set_priority(change["priority"], by=self.actor, now=now)
        if queue is not None:
            ticket.move_to(queue, by=self.actor, now=now)
        ticket.refresh_from_db()
        return Response(self.shape(shapes.TicketSerializer, ticket))


class TicketState(Resource):
    """The state as a resource: PUT the one it shall be in."""

    bodies = {"put": shapes.StateSerializer}

    @extend_schema(responses=shapes.TicketSerializer)
    def put(self, request: Request, number: int) -> Response:
        ticket = self.ticket(number)
        state, now = self.body()["state"], database_now()
        if state == "closed":
            ticket.close(by=self.actor, now=now)
        else:
            answered.apply_next_state(ticket, state, by=self.actor, now=now)
        ticket.refresh_from_db()
        return Response(self.shape(shapes.TicketSerializer, ticket))


class TicketSpam(Resource):
    """Whether it is spam, as a resource."""

    bodies = {"put": shapes.SpamSerializer}

    @extend_schema(responses=shapes.TicketSerializer)
    def put(self, request: Request, number: int) -> Response:
        ticket = self.ticket(number)
        mark = ticket.mark_spam if self.body()["is_spam"] else ticket.unmark_spam
        mark(by=self.actor, now=database_now())
        return Response(self.shape(shapes.TicketSerializer, ticket))


class MessageList(ListResource[Message]):
    """A ticket's messages, newest first; POST writes a reply or a note."""

    serializer_class = shapes.MessageSerializer
    orders = {"-seq": "-id", "seq": "id"}
    bodies = {"post": shapes.NewMessageSerializer}
    queryset = Message.objects.none()

    def get_queryset(self) -> QuerySet[Message]:
        ticket = self.ticket(self.kwargs["number"])
        messages = Message.objects.visible_to(self.actor).filter(ticket=ticket)
        return messages.select_related("author_user", "author_customer", "ticket").prefetch_related(
            "attachments", "outbounds", "author_customer__identities"
        )

    @extend_schema(responses={201: shapes.MessageSerializer})
    def post(self, request: Request, number: int) -> Response:
        ticket = self.ticket(number)
        form = self.body()
        words, now = Words(form["text"], seen_seq=form.get("seen_seq")), database_now()
        if form["kind"] == "note":
            message = replies.note(ticket, words, by=self.actor, now=now)
        else:
            message = replies.reply(ticket, words, by=self.actor, now=now, then=form["then"])
        return Response(self.shape(shapes.MessageSerializer, message), status=status.HTTP_201_CREATED)


class CustomerList(ListResource[Customer]):
    """Customers the key's owner may see."""

    serializer_class = shapes.CustomerSerializer
    filterset_class = CustomerFilter
    orders = {"-created_at": "-id", "created_at": "id"}
    queryset = Customer.objects.none()

    def get_queryset(self) -> QuerySet[Customer]:
        return _select_customers(self.actor, self.helper_queues)


class CustomerDetail(Resource, generics.GenericAPIView[Customer]):
    """One customer; PATCH changes what is written on their card."""

    serializer_class = shown = shapes.CustomerSerializer
    bodies = {"patch": shapes.CustomerChangeSerializer}
    queryset = Customer.objects.none()
    lookup_field = "public_id"
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Customer]:
        return _select_customers(self.actor, self.helper_queues)

    @extend_schema(responses=shapes.CustomerSerializer)
    def get(self, request: Request, public_id: str) -> Response:
        return Response(self.shape(shapes.CustomerSerializer, self.get_object()))

    @extend_schema(responses=shapes.CustomerSerializer)
    def patch(self, request: Request, public_id: str) -> Response:
        customer, change, now = self.get_object(), self.body(partial=True), database_now()
        with transaction.atomic():
            if "name" in change:
                customer.rename(change["name"], by=self.actor, now=now)
            if "language" in change:
                customer.set_language(change["language"], by=self.actor, now=now)
            if fields := {name: change[name] for name in details.FIELDS if name in change}:
                queue = details.choose_queue(customer, self.actor)
                details.save_details(customer, queue, fields, by=self.actor, now=now)
        return Response(self.shape(shapes.CustomerSerializer, self.get_object()))

    def may_see(self, answer: Any) -> bool:
        """Tell whether the key's owner may still see the customer."""
        return self.get_queryset().filter(public_id=self.kwargs["public_id"]).exists()


def _build_source_key(request: Request) -> str:
    """Return the key of a request in the ledger: the same for copies with an Idempotency-Key, else unique."""
    key = idempotency.read_key(request)
    if key is None:
        return uuid.uuid4().hex
    return f"{request.auth.pk}:{hashlib.sha256(key.encode()).hexdigest()}"


def _select_customers(actor: Actor, helper_queues: frozenset[int]) -> QuerySet[Customer]:
    """Return visible customers, with the identities and details that the actor may see prefetched."""
    seen = Identity.objects.visible_to(actor)
    known = Prefetch(
        "identities", personal.annotate_masks(seen, actor, helper_queues) if helper_queues else seen
    )
    noted = Prefetch("details", details.load_visible_details(actor))
    return Customer.objects.visible_to(actor).prefetch_related(known, noted)


def _load_api_channel(queue: Queue) -> Channel:
    """Return the queue's channel for the API; create it if there is none.

    The queue's row is locked before the second look, so that two requests do not create two channels.
    """
    channels = Channel.objects.filter(slug=document_slug(), queue=queue).order_by("id")
    if (channel := channels.first()) is not None:
        return channel
    Queue.objects.select_for_update(no_key=True).filter(pk=queue.pk).first()
    return channels.first() or Channel.objects.create(
        slug=document_slug(), queue=queue, name=f"API {queue.slug}"
    )

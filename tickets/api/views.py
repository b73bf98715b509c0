"""The REST resources of tickets: read the input, call one verb, answer."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tickets import answering, conversation, intake, rates
from tickets.actor import Actor
from tickets.api import serializers as shapes
from tickets.api.filters import CustomerFilter, TicketFilter
from tickets.clock import database_now
from tickets.conversation import Words
from tickets.customers import details
from tickets.errors import Invalid
from tickets.models import Channel, Customer, Identity, Message, Queue, Ticket

IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="Repeat it when you repeat the request."
)


UNKNOWN_QUEUE = "There is no such queue, or you do not work in it."


class ActorMixin(APIView):
    """The key's owner as an actor, within 600 requests a minute."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        rates.demand(f"api:{request.auth.pk}", limit=600, per=timedelta(minutes=1), now=database_now())

    @property
    def actor(self) -> Actor:
        return Actor.for_user(self.request.user)

    def ticket(self, number: int) -> Ticket:
        """Return a ticket the key's owner may see; answer 404 otherwise."""
        visible = Ticket.objects.visible_to(self.actor)
        return get_object_or_404(
            visible.select_related("queue", "channel", "customer", "assignee"), pk=number
        )


class TicketList(ActorMixin, generics.ListAPIView[Ticket]):
    """Tickets, newest first; POST hands in a request for a customer."""

    serializer_class = shapes.TicketSerializer
    filterset_class = TicketFilter
    queryset = Ticket.objects.none()

    def get_queryset(self) -> QuerySet[Ticket]:
        return Ticket.objects.visible_to(self.actor).for_list()

    @extend_schema(
        request=shapes.NewTicketSerializer, responses={201: shapes.TicketSerializer}, parameters=[IDEMPOTENCY]
    )
    def post(self, request: Request) -> Response:
        form = shapes.NewTicketSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        queue = Queue.objects.visible_to(self.actor).filter(slug=form.validated_data["queue"]).first()
        if queue is None:
            raise Invalid(UNKNOWN_QUEUE, code="unknown_queue")
        raw = json.dumps(form.validated_data, sort_keys=True).encode()
        key = (
            request.headers.get("Idempotency-Key")
            or hashlib.sha256(raw + database_now().isoformat().encode()).hexdigest()
        )
        outcome = intake.receive(
            _api_channel(queue), raw, source_key=f"{request.auth.pk}:{key}", now=database_now()
        )
        if outcome.ticket is None:
            raise Invalid(outcome.why or None, code="not_accepted")
        answer = shapes.TicketSerializer(self.ticket(outcome.ticket.pk))
        return Response(answer.data, status=status.HTTP_201_CREATED)


class TicketDetail(ActorMixin):
    """One ticket; PATCH changes subject, priority or queue."""

    @extend_schema(responses=shapes.TicketSerializer)
    def get(self, request: Request, number: int) -> Response:
        return Response(shapes.TicketSerializer(self.ticket(number)).data)

    @extend_schema(request=shapes.TicketSerializer, responses=shapes.TicketSerializer)
    def patch(self, request: Request, number: int) -> Response:
        ticket = self.ticket(number)
        form = shapes.TicketSerializer(ticket, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        change, now = form.validated_data, database_now()
        if "subject" in change:
            ticket.rename(change["subject"], by=self.actor, now=now)
        if "priority" in change:
            ticket.set_priority(change["priority"], by=self.actor, now=now)
        if "queue" in change:
            if not Queue.objects.visible_to(self.actor).active().filter(pk=change["queue"].pk).exists():
                raise Invalid(UNKNOWN_QUEUE, code="unknown_queue")
            ticket.move_to(change["queue"], by=self.actor, now=now)
        ticket.refresh_from_db()
        return Response(shapes.TicketSerializer(ticket).data)


class TicketState(ActorMixin):
    """The state as a resource: PUT the one it shall be in."""

    @extend_schema(request=shapes.StateSerializer, responses=shapes.TicketSerializer)
    def put(self, request: Request, number: int) -> Response:
        ticket = self.ticket(number)
        form = shapes.StateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        now, state = database_now(), form.validated_data["state"]
        if state == "closed":
            ticket.close(by=self.actor, now=now)
        else:
            answering.move_on(ticket, state, by=self.actor, now=now)
        ticket.refresh_from_db()
        return Response(shapes.TicketSerializer(ticket).data)


class TicketSpam(ActorMixin):
    """Whether it is spam, as a resource."""

    @extend_schema(request=shapes.SpamSerializer, responses=shapes.TicketSerializer)
    def put(self, request: Request, number: int) -> Response:
        ticket = self.ticket(number)
        form = shapes.SpamSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        mark = ticket.mark_spam if form.validated_data["is_spam"] else ticket.unmark_spam
        mark(by=self.actor, now=database_now())
        return Response(shapes.TicketSerializer(ticket).data)


class MessageList(ActorMixin, generics.ListAPIView[Message]):
    """A ticket's messages, newest first; POST writes a reply or a note."""

    serializer_class = shapes.MessageSerializer
    queryset = Message.objects.none()

    def get_queryset(self) -> QuerySet[Message]:
        ticket = self.ticket(self.kwargs["number"])
        messages = Message.objects.visible_to(self.actor).filter(ticket=ticket)
        return messages.select_related("author_user", "author_customer").prefetch_related(
            "attachments", "outbounds", "author_customer__identities"
        )

    @extend_schema(request=shapes.NewMessageSerializer, responses={201: shapes.MessageSerializer})
    def post(self, request: Request, number: int) -> Response:
        ticket = self.ticket(number)
        form = shapes.NewMessageSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        words, now = Words(said["text"], seen_seq=said.get("seen_seq")), database_now()
        if said["kind"] == "note":
            message = conversation.note(ticket, words, by=self.actor, now=now)
        else:
            message = conversation.reply(ticket, words, by=self.actor, now=now, then=said["then"])
        return Response(shapes.MessageSerializer(message).data, status=status.HTTP_201_CREATED)


class CustomerList(ActorMixin, generics.ListAPIView[Customer]):
    """Customers the key's owner may see."""

    serializer_class = shapes.CustomerSerializer
    filterset_class = CustomerFilter
    queryset = Customer.objects.none()

    def get_queryset(self) -> QuerySet[Customer]:
        return _customers(self.actor)


class CustomerDetail(ActorMixin, generics.RetrieveUpdateAPIView[Customer]):
    """One customer; PATCH changes what is written on their card."""

    serializer_class = shapes.CustomerSerializer
    queryset = Customer.objects.none()
    lookup_field = "public_id"
    http_method_names = ["get", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[Customer]:
        return _customers(self.actor)

    def perform_update(self, serializer: Any) -> None:
        customer, change, now = serializer.instance, serializer.validated_data, database_now()
        with transaction.atomic():
            if "name" in change:
                customer.rename(change["name"], by=self.actor, now=now)
            if "language" in change:
                customer.speak(change["language"], by=self.actor, now=now)
            if noted := {name: change[name] for name in details.FIELDS if name in change}:
                queue = details.queue_to_note_in(customer, self.actor)
                details.note_details(customer, queue, noted, by=self.actor, now=now)
        serializer.instance = self.get_object()


def _customers(actor: Actor) -> QuerySet[Customer]:
    """Return visible customers, each with the identities and details that the actor's queues know."""
    known = Prefetch("identities", Identity.objects.visible_to(actor))
    noted = Prefetch("details", details.all_visible(actor))
    return Customer.objects.visible_to(actor).prefetch_related(known, noted)


def _api_channel(queue: Queue) -> Channel:
    channel = Channel.objects.filter(slug="api", queue=queue).order_by("id").first()
    return channel or Channel.objects.create(slug="api", queue=queue, name=f"API {queue.slug}")

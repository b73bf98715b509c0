"""The REST resource of who has a ticket: the same function and guards as the desk's."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from routing import assignment
from routing.assignment import Why
from routing.models import Agent
from tickets.api.base import Resource
from tickets.api.serializers import TicketSerializer
from tickets.clock import database_now
from tickets.errors import Invalid
from tickets.models import Queue, Ticket


class AssignmentSerializer(serializers.Serializer[Any]):
    """Who shall have the ticket: the address of an account, or "me"."""

    assignee = serializers.CharField(max_length=320)
    insist = serializers.BooleanField(
        default=False, help_text="As a supervisor of the queue: pass over full places and leave."
    )


class TicketAssignment(Resource):
    """Who has the ticket: PUT a person, DELETE to give it back to everybody."""

    bodies = {"put": AssignmentSerializer}

    @extend_schema(responses=TicketSerializer)
    def put(self, request: Request, number: int) -> Response:
        ticket = self.ticket(number)
        form, now = self.body(), database_now()
        if form["assignee"] == "me":
            assignment.take(ticket, by=self.actor, now=now)
        else:
            agent = self._colleague(form["assignee"], ticket)
            insist = form["insist"] and self._supervises(ticket.queue_id)
            assignment.assign(ticket, agent, by=self.actor, now=now, why=Why(insist=insist))
        ticket.refresh_from_db()
        return Response(TicketSerializer(ticket).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, number: int) -> Response:
        assignment.release(self.ticket(number), by=self.actor, now=database_now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _colleague(self, address: str, ticket: Ticket) -> Agent:
        """Return an agent by address. Raises Invalid where nobody has it whom the key's owner knows."""
        own = Queue.objects.visible_to(self.actor).values_list("pk", flat=True)
        known = Agent.objects.active().known_in([*own, ticket.queue_id]).select_related("user")
        found = known.filter(user__email__iexact=address).first()
        if found is None:
            raise Invalid(_("No agent whom you know has this address."), code="unknown_assignee")
        return found

    def _supervises(self, queue_id: int) -> bool:
        return Queue.objects.supervised_by(self.actor).filter(pk=queue_id).exists()

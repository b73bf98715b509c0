"""The REST resource of who has a ticket: the same function and guards as the desk's."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from routing.assigning import assignment
from routing.assigning.assignment import Why
from routing.models import Agent
from tickets.api.base import Resource
from tickets.api.serializers import TicketSerializer
from tickets.clock import database_now
from tickets.errors import Invalid
from tickets.models import Queue


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
            assignment.assign_to_me(ticket, by=self.actor, now=now)
        else:
            agent = self._agent(form["assignee"], ticket.queue_id)
            insist = form["insist"] and self._supervises(ticket.queue_id)
            assignment.assign(ticket, agent, by=self.actor, now=now, why=Why(insist=insist))
        return Response(self.shape(TicketSerializer, self.ticket(number)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, number: int) -> Response:
        assignment.release(self.ticket(number), by=self.actor, now=database_now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _supervises(self, queue_id: int) -> bool:
        return Queue.objects.supervised_by(self.actor).filter(pk=queue_id).exists()

    def _agent(self, address: str, queue_id: int) -> Agent:
        near = Agent.objects.active().beside(self.actor, queue_id).select_related("user")
        agent = near.filter(user__email__iexact=address).first()
        if agent is None:
            raise Invalid(_("No agent whom you know has this address."), code="unknown_assignee")
        return agent

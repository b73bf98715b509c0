"""The desk's door: who may come in, and what every view of the desk is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, wraps
from typing import Any, Concatenate

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.cache import add_never_cache_headers

from tickets import prepared
from tickets.actor import Actor
from tickets.channels.registry import banner_url_names
from tickets.clock import database_now
from tickets.errors import NotFound
from tickets.models import Company, Queue, QueueMembership, Ticket
from tickets.models.ticket import TicketQuerySet


@dataclass(frozen=True)
class Desk:
    """One person at the desk in one request.

    Who they are, the database's time, the queues they see and those of them they supervise; in those of
    `helps_in` they help out for a while and are shown no addresses and numbers. What they send can be taken
    back for `undo_seconds`.
    """

    actor: Actor
    now: datetime
    queues: dict[int, Queue]
    supervised: frozenset[int]
    company_name: str | None = None
    helps_in: frozenset[int] = frozenset()
    undo_seconds: int = 0

    @property
    def user(self) -> Any:
        return self.actor.user

    @property
    def banner_url_names(self) -> list[str]:
        """Return the fragments of channels that need their supervisors' attention."""
        return banner_url_names() if self.supervised else []

    @cached_property
    def tickets(self) -> TicketQuerySet:
        """The tickets this person may see; read once a request."""
        return Ticket.objects.visible_to(self.actor)

    def ticket(self, number: int, *related: str) -> Ticket:
        """Return one visible ticket. Raises NotFound for any other, and for a number nobody has."""
        ticket = self.tickets.select_related("queue", "customer", *related).filter(pk=number).first()
        if ticket is None:
            raise NotFound
        return ticket

    def bare_ticket(self, number: int) -> Ticket:
        """Return one visible ticket with nothing read but its number. Raises NotFound as `ticket` does."""
        rows = prepared.load_bare_tickets(self.actor, number)
        if not rows:
            raise NotFound
        return rows[0]

    def queue(self, queue_id: int) -> Queue:
        """Return one of this person's queues. Raises NotFound for any other."""
        if queue_id not in self.queues:
            raise NotFound
        return self.queues[queue_id]


type View[**P] = Callable[Concatenate[HttpRequest, Desk, P], HttpResponseBase]


def for_agents[**P](view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let active staff in and give the view their `Desk`; others are sent to sign in.

    Somebody without any queue gets a page that says whom to ask. Nothing of the desk is ever cached.
    """

    @wraps(view)
    def entered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not (request.user.is_authenticated and request.user.is_active and request.user.is_staff):
            return _to_sign_in(request)
        desk = _desk_of(Actor.for_user(request.user))
        if not desk.queues and not desk.actor.is_administrator:
            return render(request, "desk/no_queue.html", status=403)
        # What the page's frame would ask for again.
        request.is_supervisor = bool(desk.supervised)  # type: ignore[attr-defined]
        request.company_name = desk.company_name  # type: ignore[attr-defined]
        response = view(request, desk, *args, **kwargs)
        if "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response

    return entered


def _desk_of(actor: Actor) -> Desk:
    """Read the person's queues, their roles there, and the database's time; of an agent in one query."""
    if actor.is_administrator:
        queues, company = {queue.pk: queue for queue in Queue.objects.visible_to(actor)}, Company.current()
        desk = _with(actor, database_now(), queues, frozenset(queues))
        return replace(desk, company_name=company.name, undo_seconds=company.undo_seconds)
    rows: list[Any] = prepared.load_memberships(actor.user.pk)
    if not rows:
        return _with(actor, database_now(), {}, frozenset())
    supervised = frozenset(row.queue_id for row in rows if row.role == QueueMembership.Role.SUPERVISOR)
    helps_in = frozenset(row.queue_id for row in rows if row.hides_personal_data)
    first = rows[0]
    desk = _with(actor, first.read_at, {row.queue_id: row.queue for row in rows}, supervised)
    return replace(desk, company_name=first.company_name, helps_in=helps_in, undo_seconds=first.undo_seconds)


def _with(
    actor: Actor,
    now: datetime,
    queues: dict[int, Queue],
    supervised: frozenset[int],
) -> Desk:
    return Desk(replace(actor, queues=tuple(queues)), now, queues, supervised)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page; a fragment's request makes the whole page go there."""
    if not getattr(request, "htmx", False):
        return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
    back = redirect_to_login(resolve_url("desk:home"), resolve_url(settings.LOGIN_URL))
    return HttpResponse(status=401, headers={"HX-Redirect": back.url})

"""Access to the desk: who may open its pages, and the `Desk` value that each of its views receives."""

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
    """The person who makes one request, and what they may do.

    `now` is the database's time. `queues` are the queues they see, by id; `supervised` those they supervise;
    in those of `helps_in` they help for a limited time, and addresses and phone numbers are hidden from them.
    A sent reply can be undone for `undo_seconds`.
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
        """Return the URL names of the channels' banners, which only supervisors see."""
        return banner_url_names() if self.supervised else []

    @cached_property
    def tickets(self) -> TicketQuerySet:
        """The tickets this person may see; the condition is built once per request."""
        return Ticket.objects.visible_to(self.actor)

    def ticket(self, number: int, *related: str) -> Ticket:
        """Return a visible ticket with its queue, its customer and the `related` rows.

        Raises:
            NotFound: the ticket does not exist, or this person may not see it.
        """
        ticket = self.tickets.select_related("queue", "customer", *related).filter(pk=number).first()
        if ticket is None:
            raise NotFound
        return ticket

    def bare_ticket(self, number: int) -> Ticket:
        """Return a visible ticket with only its number loaded.

        Raises:
            NotFound: as for `ticket`.
        """
        rows = prepared.load_bare_tickets(self.actor, number)
        if not rows:
            raise NotFound
        return rows[0]

    def queue(self, queue_id: int) -> Queue:
        """Return one of this person's queues, by id. Raises NotFound for any other."""
        if queue_id not in self.queues:
            raise NotFound
        return self.queues[queue_id]


type View[**P] = Callable[Concatenate[HttpRequest, Desk, P], HttpResponseBase]


def for_agents[**P](view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Allow a view to active staff, and pass it their `Desk`; redirect others to the sign-in page.

    Somebody without a queue gets a page that says whom to ask. Responses are never cached, unless the view
    sets its own Cache-Control.
    """

    @wraps(view)
    def check_access(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not (request.user.is_authenticated and request.user.is_active and request.user.is_staff):
            return _redirect_to_sign_in(request)
        desk = _load_desk(Actor.for_user(request.user))
        if not desk.queues and not desk.actor.is_administrator:
            return render(request, "desk/no_queue.html", status=403)
        # The page's frame needs both; this saves it two queries.
        request.is_supervisor = bool(desk.supervised)  # type: ignore[attr-defined]
        request.company_name = desk.company_name  # type: ignore[attr-defined]
        response = view(request, desk, *args, **kwargs)
        if "Cache-Control" not in response:
            add_never_cache_headers(response)
        return response

    return check_access


def _load_desk(actor: Actor) -> Desk:
    """Load the person's queues, their roles there and the database's time, with one query for an agent."""
    if actor.is_administrator:
        queues, company = {queue.pk: queue for queue in Queue.objects.visible_to(actor)}, Company.current()
        desk = _build_desk(actor, database_now(), queues, frozenset(queues))
        return replace(desk, company_name=company.name, undo_seconds=company.undo_seconds)
    rows: list[Any] = prepared.load_memberships(actor.user.pk)
    if not rows:
        return _build_desk(actor, database_now(), {}, frozenset())
    supervised = frozenset(row.queue_id for row in rows if row.role == QueueMembership.Role.SUPERVISOR)
    helps_in = frozenset(row.queue_id for row in rows if row.hides_personal_data)
    first = rows[0]
    desk = _build_desk(actor, first.read_at, {row.queue_id: row.queue for row in rows}, supervised)
    return replace(desk, company_name=first.company_name, helps_in=helps_in, undo_seconds=first.undo_seconds)


def _build_desk(
    actor: Actor,
    now: datetime,
    queues: dict[int, Queue],
    supervised: frozenset[int],
) -> Desk:
    return Desk(replace(actor, queues=tuple(queues)), now, queues, supervised)


def _redirect_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect to the sign-in page; for a fragment, tell htmx to redirect the whole page."""
    if not getattr(request, "htmx", False):
        return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
    redirect = redirect_to_login(resolve_url("desk:home"), resolve_url(settings.LOGIN_URL))
    return HttpResponse(status=401, headers={"HX-Redirect": redirect.url})

"""What every resource of the API does by itself, so that a new one need not think of it.

It knows its parameters and the fields of its bodies and refuses any other, counts the key's requests, writes
all or nothing, and does a request with an Idempotency-Key once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cached_property, partial
from typing import Any, ClassVar, cast

from django.db import models, transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import generics, serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tickets.actor import Actor
from tickets.api import errors, idempotency
from tickets.api.negotiation import AlwaysJSON
from tickets.clock import database_now
from tickets.customers import personal
from tickets.errors import DomainError, Invalid
from tickets.limits import rate_limits
from tickets.models import Queue, Ticket

REQUESTS_A_MINUTE = 600
HTTP_CONFLICT = 409
MAX_NAMES_LISTED = 20


class Resource(APIView):
    """A resource that the owner of a key reads and writes, within 600 requests a minute.

    `parameters` are those of the query, of every method; `repeatable` those that may be given more than once.
    `bodies` has the form of each method's body; a method that is not in it takes none. `shown` is what the
    resource looks like: its fields that no body takes are called read-only, and `elsewhere` says by which
    address they are changed.
    """

    parameters: ClassVar[tuple[str, ...]] = ()
    repeatable: ClassVar[tuple[str, ...]] = ()
    bodies: ClassVar[Mapping[str, type[serializers.Serializer[Any]]]] = {}
    shown: ClassVar[type[serializers.BaseSerializer[Any]] | None] = None
    elsewhere: ClassVar[Mapping[str, str]] = {}
    content_negotiation_class = AlwaysJSON
    metadata_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in who may come in, refuse unknown parameters, and make each write one transaction."""
        super().initial(request, *args, **kwargs)
        limit = f"api:{request.auth.pk}"
        rate_limits.enforce_limit(
            limit, limit=REQUESTS_A_MINUTE, per=timedelta(minutes=1), now=database_now()
        )
        self._refuse_parameters(request)
        name = str(request.method).lower()
        if request.method not in SAFE_METHODS and hasattr(self, name):
            # The framework asks the view itself for the method, after this.
            setattr(self, name, partial(self._write, getattr(self, name)))

    @property
    def actor(self) -> Actor:
        return Actor.for_user(self.request.user)

    @cached_property
    def helper_queues(self) -> frozenset[int]:
        """The queues in which the key's owner only helps out, and reads no addresses and numbers."""
        return personal.load_helper_queues(self.actor)

    def get_serializer_context(self) -> dict[str, Any]:
        """Tell the shapes what the key's owner may read."""
        return {"request": self.request, "view": self, "helper_queues": self.helper_queues}

    def shape(self, kind: type[serializers.BaseSerializer[Any]], row: Any) -> Any:
        """Return a row as the key's owner may read it."""
        return kind(row, context=self.get_serializer_context()).data

    def ticket(self, number: int) -> Ticket:
        """Return a ticket the key's owner may see; answer 404 otherwise."""
        visible = Ticket.objects.visible_to(self.actor)
        return get_object_or_404(
            visible.select_related("queue", "channel", "customer", "assignee"), pk=number
        )

    def queue(self, slug: str) -> Queue:
        """Return an active queue of the key's owner. Raises Invalid for any other, be it there or not."""
        found = Queue.objects.visible_to(self.actor).active().filter(slug=slug).first()
        if found is None:
            raise Invalid(_("There is no such queue, or you do not work in it."), code="unknown_queue")
        return found

    @classmethod
    def known_parameters(cls) -> tuple[str, ...]:
        """Return the names of all parameters the query may have."""
        return cls.parameters

    def body(self, **options: Any) -> dict[str, Any]:
        """Return the checked body of the request, by the form in `bodies`.

        Raises UnknownNames for a field that is not there or read-only, ValidationError for a value.
        """
        form = self.bodies[str(self.request.method).lower()](data=self.request.data, **options)
        self._refuse_fields(form, cast("dict[str, Any]", self.request.data))
        form.is_valid(raise_exception=True)
        found: dict[str, Any] = form.validated_data
        return found

    def may_see(self, answer: Any) -> bool:
        """Tell whether an answer kept for this request may still be shown to the key's owner."""
        number = self.kwargs.get("number") or (answer or {}).get("number")
        return number is None or Ticket.objects.visible_to(self.actor).filter(pk=number).exists()

    def _write(
        self, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        """Do all that a request asks for, or nothing; with an Idempotency-Key do it once."""
        act = partial(self._act, partial(handler, request, *args, **kwargs))
        key = idempotency.read_key(request)
        with transaction.atomic():
            if key is None:
                return act()
            answer = idempotency.claim_answer(request, key, now=database_now())
            if answer.status is not None:
                if not self.may_see(idempotency.load_data(answer)):
                    raise idempotency.Withheld
                return idempotency.replay_answer(answer)
            response = self._conflict_or(act)
            idempotency.save_answer(answer, response)
        return response

    def _act(self, handler: Callable[[], Response]) -> Response:
        """Do the work; last of all refuse a body that nothing has read, which undoes it."""
        request = self.request
        response = handler()
        if str(request.method).lower() not in self.bodies and request.data:
            raise Invalid(_("This takes no body."), code="no_body")
        return response

    def _conflict_or(self, act: Callable[[], Response]) -> Response:
        """Return what `act` answers; where it is a conflict, undo what it wrote and answer that."""
        try:
            with transaction.atomic():
                return act()
        except DomainError as error:
            response = errors.handle_exception(error, {}) if error.status == HTTP_CONFLICT else None
            if response is None:
                raise
            return response

    def _refuse_parameters(self, request: Request) -> None:
        known = self.known_parameters()
        unknown = [name for name in request.query_params if name not in known]
        if unknown:
            listed = ", ".join(known) or _("none")
            sentence = _("There is no parameter “%(name)s” here. Known: %(known)s.")
            told = sentence % {"name": unknown[0][:80], "known": listed}
            raise errors.UnknownNames(told, code="unknown_parameter", known=known)
        for name, values in request.query_params.lists():
            if "" in values:
                raise Invalid(_("“%(name)s” is empty. Leave it out instead.") % {"name": name}, code=name)
            if len(values) > 1 and name not in self.repeatable:
                raise Invalid(_("“%(name)s” may be given once only.") % {"name": name}, code=name)

    def _refuse_fields(self, form: serializers.Serializer[Any], data: Mapping[str, Any]) -> None:
        known = [name for name, _field in _iterate_writable(form)]
        wrong = _limit_names({name for name in _iterate_names(form, data) if name not in known})
        if not wrong:
            return
        shown = set(self.shown().fields) if self.shown else set()  # type: ignore[attr-defined]
        fields = {name: [self._why(name, is_shown=name in shown)] for name in wrong}
        code = "read_only_field" if shown.issuperset(wrong) else "unknown_field"
        told = _("These fields cannot be written here: %(names)s. Known: %(known)s.") % {
            "names": ", ".join(fields), "known": ", ".join(known),
        }  # fmt: skip
        raise errors.UnknownNames(told, code=code, known=known, fields=fields)

    def _why(self, name: str, *, is_shown: bool) -> str:
        if name in self.elsewhere:
            return _("Change this by %(address)s.") % {"address": self.elsewhere[name]}
        return _("This is read-only.") if is_shown else _("There is no such field.")


class ListResource[M: models.Model](Resource, generics.ListAPIView[M]):
    """A list by pages. `orders` names the orders it may have, the first one being its own."""

    orders: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def known_parameters(cls) -> tuple[str, ...]:
        filters = getattr(cls, "filterset_class", None)
        named = tuple(filters.base_filters) if filters else ()
        return (*named, "ordering", "cursor", "page_size")


def _limit_names(names: set[str]) -> list[str]:
    """Return the names that a refusal tells.

    A body of 2 MB may hold 300,000, and the answer is not to grow.
    """
    return sorted(names)[:MAX_NAMES_LISTED]


def _iterate_writable(form: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Go through the dotted names of the fields a body may have, with those of the objects in it."""
    for name, field in form.fields.items():
        if not field.read_only:
            yield path + name, field
            inner = _find_form(field)
            if inner is not None:
                yield from _iterate_writable(inner, f"{path}{name}.")


def _iterate_names(form: Any, data: Any, path: str = "") -> Iterator[str]:
    """Go through the dotted names that a body has; in lists, without their places."""
    for name, value in data.items() if isinstance(data, Mapping) else ():
        yield path + name[:80]
        inner = _find_form(form.fields.get(name)) if form is not None else None
        if inner is not None:
            for one in value if isinstance(value, list) else [value]:
                yield from _iterate_names(inner, one, f"{path}{name}.")


def _find_form(field: Any) -> Any:
    """Return the form of the objects that a field holds, itself or as a list; None where it holds none."""
    field = getattr(field, "child", field)
    return field if isinstance(field, serializers.Serializer) else None

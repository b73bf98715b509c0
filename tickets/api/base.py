"""The base class of all API resources.

It refuses unknown parameters and fields, limits the requests of a key, makes each write one transaction, and
executes a request with an Idempotency-Key once.
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

    - `parameters`: the allowed query parameters, for every method; `repeatable`: those that may occur twice.
    - `bodies`: the serializer of each method's body; a method that is not listed takes no body.
    - `shown`: the serializer of the resource. Its fields that no body has are reported as read-only.
    - `elsewhere`: for read-only fields, the method and path that change them.
    """

    parameters: ClassVar[tuple[str, ...]] = ()
    repeatable: ClassVar[tuple[str, ...]] = ()
    bodies: ClassVar[Mapping[str, type[serializers.Serializer[Any]]]] = {}
    shown: ClassVar[type[serializers.BaseSerializer[Any]] | None] = None
    elsewhere: ClassVar[Mapping[str, str]] = {}
    content_negotiation_class = AlwaysJSON
    metadata_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, count the request, refuse unknown parameters, and wrap writes in a transaction."""
        super().initial(request, *args, **kwargs)
        limit = f"api:{request.auth.pk}"
        rate_limits.enforce_limit(
            limit, limit=REQUESTS_A_MINUTE, per=timedelta(minutes=1), now=database_now()
        )
        self._refuse_parameters(request)
        name = str(request.method).lower()
        if request.method not in SAFE_METHODS and hasattr(self, name):
            # The framework looks up the handler on the view after this, so it finds the wrapped one.
            setattr(self, name, partial(self._write, getattr(self, name)))

    @property
    def actor(self) -> Actor:
        return Actor.for_user(self.request.user)

    @cached_property
    def helper_queues(self) -> frozenset[int]:
        """The ids of the queues in which the key's owner sees no addresses and numbers."""
        return personal.load_helper_queues(self.actor)

    def get_serializer_context(self) -> dict[str, Any]:
        """Return the context of serializers, with the queues in which personal data is masked."""
        return {"request": self.request, "view": self, "helper_queues": self.helper_queues}

    def shape(self, kind: type[serializers.BaseSerializer[Any]], row: Any) -> Any:
        """Return a row serialized for the key's owner."""
        return kind(row, context=self.get_serializer_context()).data

    def ticket(self, number: int) -> Ticket:
        """Return a ticket that the key's owner may see. Raises Http404 otherwise."""
        visible = Ticket.objects.visible_to(self.actor)
        return get_object_or_404(
            visible.select_related("queue", "channel", "customer", "assignee"), pk=number
        )

    def queue(self, slug: str) -> Queue:
        """Return an active queue of the key's owner. Raises Invalid for any other, existing or not."""
        queue = Queue.objects.visible_to(self.actor).active().filter(slug=slug).first()
        if queue is None:
            raise Invalid(_("There is no such queue, or you do not work in it."), code="unknown_queue")
        return queue

    @classmethod
    def known_parameters(cls) -> tuple[str, ...]:
        """Return the names of all allowed query parameters."""
        return cls.parameters

    def body(self, **options: Any) -> dict[str, Any]:
        """Return the validated body of the request; `options` go to the serializer in `bodies`.

        Raises UnknownNames for unknown or read-only fields, ValidationError for invalid values.
        """
        form = self.bodies[str(self.request.method).lower()](data=self.request.data, **options)
        self._refuse_fields(form, cast("dict[str, Any]", self.request.data))
        form.is_valid(raise_exception=True)
        data: dict[str, Any] = form.validated_data
        return data

    def may_see(self, answer: Any) -> bool:
        """Tell whether the stored answer to this request may still be shown to the key's owner."""
        number = self.kwargs.get("number") or (answer or {}).get("number")
        return number is None or Ticket.objects.visible_to(self.actor).filter(pk=number).exists()

    def _write(
        self, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        """Execute a write in one transaction; with an Idempotency-Key only once.

        A copy of a request gets the stored answer. If the state forbids the write (409), its changes are
        undone and the conflict is stored as the answer, so that copies get it too.
        """
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
        """Call the handler, then refuse a body that its method does not take, which undoes the changes."""
        request = self.request
        response = handler()
        if str(request.method).lower() not in self.bodies and request.data:
            raise Invalid(_("This takes no body."), code="no_body")
        return response

    def _conflict_or(self, act: Callable[[], Response]) -> Response:
        """Return the response of `act`. For a conflict, undo its changes and return the 409 response."""
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
            sentence = _("There is no parameter “%(name)s” here. Known: %(known)s.") % {
                "name": unknown[0][:80], "known": listed,
            }  # fmt: skip
            raise errors.UnknownNames(sentence, code="unknown_parameter", known=known)
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
        fields = {name: [self._explain_refusal(name, is_shown=name in shown)] for name in wrong}
        code = "read_only_field" if shown.issuperset(wrong) else "unknown_field"
        sentence = _("These fields cannot be written here: %(names)s. Known: %(known)s.") % {
            "names": ", ".join(fields), "known": ", ".join(known),
        }  # fmt: skip
        raise errors.UnknownNames(sentence, code=code, known=known, fields=fields)

    def _explain_refusal(self, name: str, *, is_shown: bool) -> str:
        if name in self.elsewhere:
            return _("Change this by %(address)s.") % {"address": self.elsewhere[name]}
        return _("This is read-only.") if is_shown else _("There is no such field.")


class ListResource[M: models.Model](Resource, generics.ListAPIView[M]):
    """A list in pages. `orders` maps the values of `ordering` to order_by(); the first is the default."""

    orders: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def known_parameters(cls) -> tuple[str, ...]:
        filters = getattr(cls, "filterset_class", None)
        named = tuple(filters.base_filters) if filters else ()
        return (*named, "ordering", "cursor", "page_size")


def _limit_names(names: set[str]) -> list[str]:
    """Return the first names for an error, sorted.

    A body of 2 MB can contain 300,000 unknown names, and the answer must stay small.
    """
    return sorted(names)[:MAX_NAMES_LISTED]


def _iterate_writable(form: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted name, field) for each writable field of a serializer, nested ones included."""
    for name, field in form.fields.items():
        if not field.read_only:
            yield path + name, field
            inner = _find_form(field)
            if inner is not None:
                yield from _iterate_writable(inner, f"{path}{name}.")


def _iterate_names(form: Any, data: Any, path: str = "") -> Iterator[str]:
    """Yield the dotted names in a body; objects in lists without their index."""
    for name, value in data.items() if isinstance(data, Mapping) else ():
        yield path + name[:80]
        inner = _find_form(form.fields.get(name)) if form is not None else None
        if inner is not None:
            for item in value if isinstance(value, list) else [value]:
                yield from _iterate_names(inner, item, f"{path}{name}.")


def _find_form(field: Any) -> Any:
    """Return the serializer nested in a field, directly or in a list; None if there is none."""
    field = getattr(field, "child", field)
    return field if isinstance(field, serializers.Serializer) else None

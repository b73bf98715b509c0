"""Pages of the API: by cursor, so that page 4,000 costs what page 1 costs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from tickets.api.errors import UnknownNames
from tickets.errors import Invalid

LARGEST = 2**63 - 1


class ByCursor(CursorPagination):
    """25 rows a page, at most 100, in the view's first order or the one that is asked for."""

    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = "-id"

    def get_page_size(self, request: Request) -> int:
        """Return how many rows are asked for. Raises Invalid for what is no number from 1 to 100."""
        given = request.query_params.get("page_size")
        if given is None:
            return self.page_size
        if not (given.isascii() and given.isdecimal() and len(given) < 4 and 1 <= int(given) <= 100):
            raise Invalid(_("“page_size” is a number from 1 to 100."), code="page_size")
        return int(given)

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """Return the order that is asked for. Raises UnknownNames for one the view does not have."""
        orders = view.orders
        given = request.query_params.get("ordering", next(iter(orders)))
        if given not in orders:
            sentence = _("There is no such order. Known: %(known)s.") % {"known": ", ".join(orders)}
            raise UnknownNames(sentence, code="ordering", known=tuple(orders))
        return (orders[given],)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where a page begins. Raises Invalid for a cursor that we did not make."""
        try:
            found = super().decode_cursor(request)
        except NotFound:
            raise _build_cursor_error() from None
        if found is not None and found.position is not None:
            number = str(found.position)
            if not (number.isascii() and number.isdecimal() and len(number) < 20 and int(number) <= LARGEST):
                raise _build_cursor_error()
        return found

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters, with the orders of this view."""
        found = super().get_schema_operation_parameters(view)
        for parameter in found:
            if parameter["name"] == "page_size":
                parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}
        orders = list(view.orders)
        ordering = {"type": "string", "enum": orders, "default": orders[0]}
        return [*found, {"name": "ordering", "required": False, "in": "query", "schema": ordering}]


def _build_cursor_error() -> Invalid:
    return Invalid(_("Take a cursor from “next” or “previous” of a page, as it is."), code="cursor")

"""Pagination of the API by cursor: page 4,000 costs as much as page 1."""

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
    """Pages of 25 rows (at most 100), in the view's first order or in the requested one."""

    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = "-id"

    def get_page_size(self, request: Request) -> int:
        """Return the requested number of rows. Raises Invalid if it is no number from 1 to 100."""
        text = request.query_params.get("page_size")
        if text is None:
            return self.page_size
        if not (text.isascii() and text.isdecimal() and len(text) < 4 and 1 <= int(text) <= 100):
            raise Invalid(_("“page_size” is a number from 1 to 100."), code="page_size")
        return int(text)

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """Return the requested order for order_by(). Raises UnknownNames if the view does not have it."""
        orders = view.orders
        name = request.query_params.get("ordering", next(iter(orders)))
        if name not in orders:
            sentence = _("There is no such order. Known: %(known)s.") % {"known": ", ".join(orders)}
            raise UnknownNames(sentence, code="ordering", known=tuple(orders))
        return (orders[name],)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return the cursor of the request, or None. Raises Invalid for a cursor that is not ours."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            raise _build_cursor_error() from None
        if cursor is not None and cursor.position is not None:
            number = str(cursor.position)
            if not (number.isascii() and number.isdecimal() and len(number) < 20 and int(number) <= LARGEST):
                raise _build_cursor_error()
        return cursor

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Return the OpenAPI description of the parameters, with the orders of this view."""
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == "page_size":
                parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}
        orders = list(view.orders)
        ordering = {"type": "string", "enum": orders, "default": orders[0]}
        return [*parameters, {"name": "ordering", "required": False, "in": "query", "schema": ordering}]


def _build_cursor_error() -> Invalid:
    return Invalid(_("Take a cursor from “next” or “previous” of a page, as it is."), code="cursor")

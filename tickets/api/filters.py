"""The filters of the API's lists."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field

from tickets.actor import Actor
from tickets.models import Customer, Identity, Ticket
from tickets.states import State, WaitsOn

BOOLEANS = {"true": True, "false": False, "True": True, "False": False}


@extend_schema_field(bool)
class YesOrNo(django_filters.ChoiceFilter):
    """A boolean filter that refuses invalid values; the library's own would ignore them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[(word, word) for word in BOOLEANS], **options)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(**{self.field_name: BOOLEANS[value]}) if value else qs


class TicketFilter(django_filters.FilterSet):
    """Filter tickets, for instance by ?state=open&queue=orders&updated_since=2026-11-01T00:00:00Z."""

    state = django_filters.MultipleChoiceFilter(choices=State.choices)
    waits_on = django_filters.ChoiceFilter(choices=WaitsOn.choices)
    queue = django_filters.CharFilter(field_name="queue__slug")
    assignee = django_filters.CharFilter(field_name="assignee__email", lookup_expr="iexact")
    customer = django_filters.CharFilter(field_name="customer__public_id")
    updated_since = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")
    is_spam = YesOrNo()

    class Meta:
        model = Ticket
        fields: list[str] = []


class CustomerFilter(django_filters.FilterSet):
    """Filter customers, for instance by ?email=dana@petit.example or ?name=dana."""

    email = django_filters.CharFilter(method="by_address")
    name = django_filters.CharFilter(field_name="name", lookup_expr="istartswith")

    class Meta:
        model = Customer
        fields: list[str] = []

    def by_address(self, rows: QuerySet[Customer], _name: str, value: str) -> QuerySet[Customer]:
        """Keep customers with this mail address, if the key's owner may see the address."""
        visible = Identity.objects.visible_to(Actor.for_user(self.request.user))
        return rows.filter(pk__in=visible.filter(kind="email", value=value.lower()).values("customer"))

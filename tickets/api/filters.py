"""The filters of the API's lists: named fields and nothing else."""

from __future__ import annotations

import django_filters

from tickets.models import Customer, Ticket
from tickets.states import State, WaitsOn


class TicketFilter(django_filters.FilterSet):
    """Such as ?state=open&queue=orders&updated_since=2026-11-01T00:00:00Z."""

    state = django_filters.MultipleChoiceFilter(choices=State.choices)
    waits_on = django_filters.ChoiceFilter(choices=WaitsOn.choices)
    queue = django_filters.CharFilter(field_name="queue__slug")
    assignee = django_filters.CharFilter(field_name="assignee__email", lookup_expr="iexact")
    customer = django_filters.CharFilter(field_name="customer__public_id")
    updated_since = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")
    is_spam = django_filters.BooleanFilter()

    class Meta:
        model = Ticket
        fields: list[str] = []


class CustomerFilter(django_filters.FilterSet):
    """Such as ?email=dana@petit.example or ?name=dana."""

    email = django_filters.CharFilter(field_name="identities__value", lookup_expr="iexact")
    name = django_filters.CharFilter(field_name="name", lookup_expr="istartswith")

    class Meta:
        model = Customer
        fields: list[str] = []

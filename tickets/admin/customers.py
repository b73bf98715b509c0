"""Customers and organisations, for the administrator. Agents use the desk."""

from __future__ import annotations

from django.contrib import admin

from tickets.admin.roles import RoleAdmin, RoleInline
from tickets.models import Customer, CustomerDetails, Identity, Organisation


class IdentityInline(RoleInline):
    model = Identity
    fields = ["kind", "value", "verified_at", "undeliverable_at", "complained_at"]
    readonly_fields = ["kind", "value", "verified_at"]
    can_delete = False
    max_num = 0


class DetailsInline(RoleInline):
    model = CustomerDetails
    fields = ["queue", "notes", "place", "time_zone"]
    readonly_fields = ["queue"]
    can_delete = False
    max_num = 0


@admin.register(Customer)
class CustomerAdmin(RoleAdmin):
    list_display = ["__str__", "language", "organisation", "created_at"]
    list_select_related = ["organisation"]
    search_fields = ["sort_key", "identities__value"]
    fields = ["name", "language", "organisation"]
    autocomplete_fields = ["organisation"]
    inlines = [IdentityInline, DetailsInline]

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Organisation)
class OrganisationAdmin(RoleAdmin):
    list_display = ["name", "domains"]
    search_fields = ["name", "domains"]
    ordering = ["name"]

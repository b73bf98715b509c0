"""API keys: made by the administrator, shown once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.actor import Actor
from tickets.admin.roles import RoleAdmin
from tickets.api import keys
from tickets.clock import database_now
from tickets.models import ApiKey


@admin.register(ApiKey)
class ApiKeyAdmin(RoleAdmin):
    list_display = ["name", "prefix", "user", "scopes", "last_used_at", "expires_at", "revoked_at"]
    list_select_related = ["user"]
    fields = ["user", "name", "scopes", "expires_at"]
    autocomplete_fields = ["user"]
    actions = ["revoke"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        made, secret = keys.make(
            obj.user,
            obj.name,
            obj.scopes,
            by=Actor.for_user(request.user),
            now=database_now(),
            expires_at=obj.expires_at,
        )
        obj.pk = made.pk
        messages.warning(request, _("The key, shown only this once: %(key)s") % {"key": secret})

    @admin.action(description=gettext_lazy("Revoke"))
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        for key in queryset:
            keys.revoke(key, by=Actor.for_user(request.user), now=database_now())

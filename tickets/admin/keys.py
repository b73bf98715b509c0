"""Configuration of API keys: the administrator creates them, and sees each secret once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.forms import CheckboxSelectMultiple, ModelForm, MultipleChoiceField
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.actor import Actor
from tickets.admin.roles import RoleAdmin
from tickets.api import keys
from tickets.clock import database_now
from tickets.models import ApiKey


class ApiKeyForm(ModelForm[ApiKey]):
    """The form of an API key; its scopes are checkboxes."""

    scopes = MultipleChoiceField(
        label=capfirst(ApiKey._meta.get_field("scopes").verbose_name),
        choices=ApiKey.Scope,
        widget=CheckboxSelectMultiple,
        help_text=gettext_lazy("It acts for this person and sees no more than they do."),
    )

    class Meta:
        model = ApiKey
        fields = ["user", "name", "scopes", "expires_at"]


@admin.register(ApiKey)
class ApiKeyAdmin(RoleAdmin):
    form = ApiKeyForm
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
        key, secret = keys.create_key(
            obj.user,
            obj.name,
            obj.scopes,
            by=Actor.for_user(request.user),
            now=database_now(),
            expires_at=obj.expires_at,
        )
        obj.pk = key.pk
        messages.warning(request, _("The key, shown only this once: %(key)s") % {"key": secret})

    @admin.action(description=gettext_lazy("Revoke"))
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        for key in queryset:
            keys.revoke_key(key, by=Actor.for_user(request.user), now=database_now())

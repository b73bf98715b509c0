"""People: invited here, with their queues and roles; passwords are theirs alone."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helpdesk.accounts import invitations
from helpdesk.accounts.models import User
from tickets import events
from tickets.actor import Actor
from tickets.admin.roles import RoleAdmin, RoleInline
from tickets.clock import database_now
from tickets.models import QueueMembership
from tickets.models.channels.company_mailboxes import find_open_mailboxes


class UserForm(forms.ModelForm[User]):
    """No password field: the person sets it from the invitation."""

    class Meta:
        model = User
        fields = ["email", "name", "language", "time_zone", "coach", "is_superuser", "is_active"]

    def clean_time_zone(self) -> str:
        name = self.cleaned_data["time_zone"]
        if name not in zoneinfo.available_timezones():
            raise forms.ValidationError(_("Write a time zone such as Europe/Paris."))
        return str(name)

    def clean_email(self) -> str:
        address = str(self.cleaned_data["email"]).lower()
        if find_open_mailboxes([address]):  # what is sent there becomes a ticket, links to new passwords too
            raise forms.ValidationError(_("This is one of our mailboxes. Enter the person's own address."))
        return address


class QueuesOfPerson(RoleInline):
    model = QueueMembership


@admin.register(User)
class UserAdmin(RoleAdmin):
    form = UserForm
    list_display = ["name", "email", "language", "is_superuser", "is_active", "last_login"]
    list_filter = ["is_active", "is_superuser"]
    search_fields = ["name", "email"]
    autocomplete_fields = ["coach"]
    inlines = [QueuesOfPerson]
    actions = ["invite_again"]
    ordering = ["name"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        by, now = Actor.for_user(request.user), database_now()
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        for right in ("is_superuser", "is_active"):
            if change and right in form.changed_data:
                value = getattr(obj, right)
                data = {"user": obj.pk, "what": right, "before": not value, "after": value}
                events.record("account.rights", by=by, at=now, data=data)
        if not change:
            invitations.invite_user(obj, by=by, now=now)
            messages.info(request, _("An invitation is on its way to %(email)s.") % {"email": obj.email})

    @admin.action(description=gettext_lazy("Invite again"), permissions=["change"])
    def invite_again(self, request: HttpRequest, queryset: Any) -> None:
        for user in queryset.filter(is_active=True):
            invitations.invite_user(user, by=Actor.for_user(request.user), now=database_now())

"""Mailboxes: their entry leads to their own pages. OAuth registrations with providers are edited here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from tickets.admin.roles import RoleAdmin
from tickets.models import Mailbox, MailSignIn


@admin.register(Mailbox)
class MailboxAdmin(RoleAdmin):
    supervisor_access = "view"
    queue_path = "channel__queue"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("email:mailboxes")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return redirect("email:new_mailbox")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return (
            redirect("email:mailbox", object_id)
            if object_id.isascii() and object_id.isdigit()
            else redirect("email:mailboxes")
        )


class SignInForm(forms.ModelForm[MailSignIn]):
    """The form of an OAuth registration. The secret is never shown; an empty field keeps it."""

    client_secret = forms.CharField(
        label=MailSignIn._meta.get_field("client_secret").verbose_name,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        required=False,
    )

    class Meta:
        model = MailSignIn
        fields = ["provider", "client_id", "client_secret", "tenant", "server", "secret_expires_on"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("client_secret"):
            return data
        if self.instance.client_secret and {"provider", "server"} & set(self.changed_data):
            self.add_error("client_secret", _("Enter the secret again: it would go to another server."))
        data["client_secret"] = self.instance.client_secret
        return data


@admin.register(MailSignIn)
class MailSignInAdmin(RoleAdmin):
    form = SignInForm
    list_display = ["provider", "client_id", "secret_expires_on"]

"""The one admin site: configuration by stock ModelAdmin, the desk and reports as our own pages beside it."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _


class TandemAdminSite(admin.AdminSite):
    """The stock site behind allauth's sign-in (second factor and rate limits included)."""

    site_title = _("Tandem")
    site_header = _("Tandem")
    index_title = _("Settings")
    enable_nav_sidebar = False
    login = secure_admin_login(admin.AdminSite.login)

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: object = None
    ) -> HttpResponse:
        """Leave changing a password to the one page that limits guesses and keeps a record."""
        return redirect("account_change_password")

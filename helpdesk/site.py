"""The one admin site: configuration by stock ModelAdmin, the desk and reports as our own pages beside it."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

# What these apps keep is nobody's to edit: groups that grant nothing here, proofs of who somebody is.
NOT_SETTINGS = frozenset({"auth", "account", "mfa", "socialaccount"})

SECTIONS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("Queues"), ("Queue", "Motive", "Tag", "Company")),
    (_("People"), ("User", "Agent", "ApiKey")),
    (_("Channels"), ("Mailbox", "Channel", "MailSignIn", "SigningKey")),
    (_("Templates"), ("Macro", "Signature", "MailText", "Article")),
    (_("Business hours"), ("Calendar", "Shift", "Slot", "OnCall")),
    (_("Routing"), ("Skill", "QueueSkill", "QueueRules", "SurgePlan", "Policy")),
    (_("Customers"), ("Customer", "Organisation", "Relationship")),
    (
        _("Metrics"),
        (
            "Survey",
            "SurveyOptOut",
            "FactTicket",
            "FactIssue",
            "FactContact",
            "FactPromise",
            "FactWaitSegment",
            "Watermark",
        ),
    ),
    (_("Log"), ("Event", "Inbound", "Outbound", "SentMail", "Decision")),
)


class TandemAdminSite(admin.AdminSite):
    """The stock site behind allauth's sign-in (second factor and rate limits included)."""

    site_title = _("Tandem")
    site_header = _("Tandem")
    index_title = _("Settings")
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take in our own models; libraries offer theirs too, which nobody here should edit."""
        models = model_or_iterable if isinstance(model_or_iterable, list | tuple) else [model_or_iterable]
        wanted = [model for model in models if model._meta.app_label not in NOT_SETTINGS]
        if wanted:
            super().register(wanted, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the settings that the user may change, by topic; models without a topic are under More."""
        apps = super().get_app_list(request, app_label)
        if app_label is not None:
            return apps
        models = {entry["object_name"]: entry for app in apps for entry in app["models"]}
        sections = [(name, [models.pop(m) for m in wanted if m in models]) for name, wanted in SECTIONS]
        sections.append((_("More"), list(models.values())))
        return [_section(name, entries) for name, entries in sections if entries]

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Leave signing in to the one page that limits guesses and asks for a second factor."""
        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: object = None
    ) -> HttpResponse:
        """Leave changing a password to the one page that limits guesses and keeps a record."""
        return redirect("account_change_password")


def _section(name: str | Promise, entries: list[Any]) -> dict[str, Any]:
    label = slugify(str(name)) or "section"
    return {
        "name": name, "app_label": label, "app_url": f"#{label}", "has_module_perms": True, "models": entries,
    }  # fmt: skip

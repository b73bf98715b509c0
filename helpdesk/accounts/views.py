"""A person's own pages: accept an invitation, one's own settings, and where to go after signing in."""

from __future__ import annotations

import zoneinfo
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from helpdesk.accounts import invitations
from helpdesk.accounts.models import User
from tickets.actor import Actor
from tickets.clock import database_now
from tickets.errors import DomainError
from tickets.models import Queue


class PasswordForm(forms.Form):
    """One new password."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters, not a common word."),
    )


class PreferencesForm(forms.ModelForm[User]):
    """What a person chooses for themselves; nothing here touches rights."""

    class Meta:
        model = User
        fields = ["name", "language", "time_zone", "theme", "sound"]

    wants_mail = forms.BooleanField(
        label=_("Customers’ messages by email"),
        required=False,
        help_text=_("What customers write on your tickets also comes by email, and can be answered there."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        memberships = self.instance.memberships.all()
        if not memberships:
            del self.fields["wants_mail"]
        else:
            self.fields["wants_mail"].initial = any(membership.wants_mail for membership in memberships)

    def save(self, commit: bool = True) -> User:
        """Save what was chosen; the wish for mail, once changed, holds for every queue one works in."""
        with transaction.atomic():
            person = super().save(commit)
            if "wants_mail" in self.changed_data:
                person.memberships.update(wants_mail=self.cleaned_data["wants_mail"])
        return person

    def clean_time_zone(self) -> str:
        name = self.cleaned_data["time_zone"]
        if name not in zoneinfo.available_timezones():
            raise forms.ValidationError(_("Write a time zone such as Europe/Paris."))
        return str(name)


@never_cache
@require_http_methods(["GET", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let an invited person choose a password, then sign them in."""
    now = database_now()
    invitation = invitations.load_invitation(token, now=now)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = invitations.use_invitation(token, form.cleaned_data["password"], now=now)
        except DomainError as error:
            form.add_error("password", str(error.sentence))
        else:
            return _sign_in(request, user)
    context = {"form": form, "person": invitation.user}
    return render(request, "accounts/invitation.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def my_settings(request: HttpRequest) -> HttpResponse:
    """Show and save one's own name, language, time zone, theme, sound, and whether messages come by mail."""
    person: Any = request.user
    form = PreferencesForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("my_settings")
    context = {"form": form, "has_queue": Queue.objects.visible_to(Actor.for_user(person)).exists()}
    return render(request, "accounts/my_settings.html", context, status=400 if form.errors else 200)


@login_required
def home_for_user(request: HttpRequest) -> HttpResponse:
    """Send a signed-in person to where their work is."""
    actor = Actor.for_user(request.user)
    if actor.is_administrator and not request.user.memberships.exists():  # type: ignore[union-attr]
        return redirect("admin:index")
    if Queue.objects.visible_to(actor).exists():
        return redirect("desk:home")
    return redirect("my_settings")


def _sign_in(request: HttpRequest, user: User) -> HttpResponse:
    """Sign a person in by their new password; who has a second factor is asked for it as always."""
    if is_mfa_enabled(user):
        return redirect("account_login")
    login(request, user, backend="helpdesk.accounts.backends.EmailBackend")
    return redirect("home_for_user")

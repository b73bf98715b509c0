"""allauth's forms for a second factor's code and a forgotten password, with our own limits."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms

from helpdesk.accounts import attempts
from tickets.clock import database_now
from tickets.errors import TooMany


class CountedCode(forms.Form):
    """A code that was typed, counted before it is looked at."""

    user: Any

    def clean_code(self) -> str:
        try:
            attempt = attempts.begin_code(context.request, self.user.email, now=database_now())
        except TooMany as error:
            raise get_adapter().validation_error("too_many_login_attempts") from error
        code: str = super().clean_code()  # type: ignore[misc]
        attempt.succeed()
        return code


class CodeForm(CountedCode, AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(CountedCode, ReauthenticateForm):
    """The code once more, before something delicate."""


class ForgottenPasswordForm(ResetPasswordForm):
    """Whose password is forgotten."""

    def clean_email(self) -> str:
        email: str = super().clean_email()
        try:
            attempts.ask_for_new_password(context.request, email, now=database_now())
        except TooMany as error:
            raise get_adapter().validation_error("rate_limited") from error
        return email

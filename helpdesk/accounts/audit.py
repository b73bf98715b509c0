"""Audit events of signing in and out, refusals and changed passwords, without any secret.

Who came in or chose a new password also makes the browser one that is known (`devices`).
"""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from helpdesk.accounts import devices
from helpdesk.accounts.models import User
from tickets import events
from tickets.actor import SYSTEM, Actor
from tickets.clock import database_now


def connect() -> None:
    """Listen to the signals of signing in and out."""
    user_logged_in.connect(_record_sign_in, dispatch_uid="audit")
    user_logged_out.connect(_record_sign_out, dispatch_uid="audit")
    user_login_failed.connect(_record_refusal, dispatch_uid="audit")
    for signal, how in ((password_changed, "changed"), (password_set, "set"), (password_reset, "reset")):
        signal.connect(_PASSWORD[how], dispatch_uid="audit")


def _record_sign_in(request: HttpRequest, user: Any, **_details: Any) -> None:
    devices.remember_device(request, user.email)
    events.record("account.login", by=Actor.for_user(user), at=database_now(), data={"user": user.pk})


def _record_sign_out(request: HttpRequest, user: Any, **_details: Any) -> None:
    if user is None:
        return
    # The session ends first: an open desk that hears of this looks again and finds itself signed out.
    request.session.flush()
    events.record("account.logout", by=Actor.for_user(user), at=database_now(), data={"user": user.pk})


def _record_refusal(credentials: dict[str, Any], **_details: Any) -> None:
    """Record a refusal, with the account if it exists; never what was typed, as it may be a password."""
    account = User.objects.filter(email__iexact=str(credentials.get("email") or "")).first()
    reason = "unknown" if account is None else "switched_off" if not account.is_active else "refused"
    data = {"user": account.pk if account else None, "reason": reason}
    events.record("account.login_failed", by=SYSTEM, at=database_now(), data=data)


def _password(how: str) -> Any:
    def record(request: HttpRequest, user: Any, **_details: Any) -> None:
        devices.remember_device(request, user.email)  # by a link from their mail, perhaps in another browser
        data = {"user": user.pk, "how": how}
        events.record("account.password", by=Actor.for_user(user), at=database_now(), data=data)

    return record


_PASSWORD = {
    how: _password(how) for how in ("changed", "set", "reset")
}  # kept: signals hold no receiver alive

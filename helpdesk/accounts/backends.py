"""Sign-in by email and password."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from helpdesk.accounts.models import User
from tickets import prepared


class EmailBackend(AuthenticationBackend):
    """allauth's sign-in; the account of a session is read by a prepared query."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the account of a session; None for one that is gone or switched off."""
        user = next(iter(prepared.load_accounts(int(user_id))), None)
        return user if user is not None and self.user_can_authenticate(user) else None

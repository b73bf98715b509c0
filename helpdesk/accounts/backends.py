"""Sign-in by email and password."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import QuerySet

from helpdesk.accounts.models import User
from tickets.models.composed import composed, one


class EmailBackend(AuthenticationBackend):
    """allauth's sign-in; the account of a session is read by a statement composed once."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the account of a session; None for one that is gone or switched off."""
        user = one(_account(int(user_id)))
        return user if user is not None and self.user_can_authenticate(user) else None


@composed
def _account(user_id: int) -> QuerySet[User]:
    return User.objects.filter(pk=user_id)

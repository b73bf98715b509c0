"""Sign-in by email and password; demo accounts only from this machine."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import QuerySet
from django.http import HttpRequest

from helpdesk.accounts.models import User
from helpdesk.this_machine import asks_from_here
from tickets.models.composed import composed, one


class EmailBackend(AuthenticationBackend):
    """allauth's sign-in; a demo account's well-known password opens nothing from another machine."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user is None or not user.is_demo:
            return user
        return user if request is not None and asks_from_here(request) else None

    def get_user(self, user_id: Any) -> User | None:
        """Return the account of a session; None for one that is gone or switched off."""
        user = one(_account(int(user_id)))
        return user if user is not None and self.user_can_authenticate(user) else None


@composed
def _account(user_id: int) -> QuerySet[User]:
    return User.objects.filter(pk=user_id)

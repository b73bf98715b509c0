"""Authenticate API keys (Authorization: Bearer tdm_…) and check their scopes.

A key has at most the rights of its owner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models.functions import Now
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from tickets.models.channels.apikey import ApiKey
from tickets.platform import crypto

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it imports this module by its settings

PREFIX = "tdm_"


class ApiKeyAuthentication(BaseAuthentication):
    """Authenticate a request by its bearer key, and record when the key was last used."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        words = get_authorization_header(request).decode("latin-1").split()
        if not words or words[0].lower() != "bearer":
            return None
        if len(words) != 2 or not words[1].startswith(PREFIX):
            raise AuthenticationFailed("Send the key as: Authorization: Bearer tdm_…")
        keys = ApiKey.objects.live(timezone.now()).select_related("user")
        key = keys.filter(digest=crypto.digest(words[1])).first()
        if key is None:
            raise AuthenticationFailed("This key is unknown, revoked or expired.")
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=Now())
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasScope(BasePermission):
    """Require the scope `read` for safe methods, and `write` for all others."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiKey):
            return False
        needed = ApiKey.Scope.READ if request.method in SAFE_METHODS else ApiKey.Scope.WRITE
        return needed in request.auth.scopes

"""Our own people by the addresses that they write from."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db.models.functions import Lower


def find_colleagues(addresses: Collection[str]) -> dict[str, Any]:
    """Return the active accounts among these addresses (in lower case), by address.

    Theirs are the one they sign in with and those that they have confirmed in their settings.
    """
    people = get_user_model().objects.filter(is_active=True, is_staff=True)
    found = {
        user.email.lower(): user for user in people.alias(bare=Lower("email")).filter(bare__in=addresses)
    }
    confirmed = EmailAddress.objects.filter(verified=True, user__is_active=True, user__is_staff=True)
    further = confirmed.alias(bare=Lower("email")).filter(bare__in=addresses).select_related("user")
    return {row.email.lower(): row.user for row in further} | found

"""The demo accounts' password: each installation has its own, which every start can say again.

It is derived from SECRET_KEY, so nothing has to be kept; TANDEM_DEMO_PASSWORD sets another. The salt of a
hash made here tells the password it was made for: whether an account still has the present one, an earlier
one, or one that its person chose is seen without any slow hashing.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.db import transaction

from tickets import events
from tickets.actor import SYSTEM
from tickets.platform import crypto

SHOWN = ("alice@demo.example", "bob@demo.example", "carol@demo.example", "admin@demo.example")
FORMER_PASSWORD = "tandem-demo"  # noqa: S105 - earlier versions gave it to every installation
GROUPS, GROUP_LENGTH = 4, 5  # 100 bits
SALT_BEGINS = "tandemdemo"


def demo_password() -> str:
    """Return this installation's password of the demo accounts."""
    if settings.DEMO_PASSWORD:
        return str(settings.DEMO_PASSWORD)
    letters = crypto.mac("demo-password", "", length=GROUPS * GROUP_LENGTH)
    return "-".join(letters[n : n + GROUP_LENGTH] for n in range(0, len(letters), GROUP_LENGTH))


def make_hash() -> str:
    """Return a hash of the present password; one for all demo accounts, since hashing is slow on purpose."""
    return make_password(demo_password(), salt=_salt())


def renew_passwords(*, now: datetime) -> int:
    """Give the present password to demo accounts that have the former well-known or an earlier one.

    A password that somebody chose stays. Return how many accounts were changed; the second time none.
    """
    people = get_user_model().objects.filter(is_demo=True)
    outdated = [stored for stored in set(people.values_list("password", flat=True)) if _is_outdated(stored)]
    changed = list(people.filter(password__in=outdated).values_list("pk", flat=True)) if outdated else []
    if not changed:
        return 0
    with transaction.atomic():
        people.filter(pk__in=changed).update(password=make_hash())
        for user_id in changed:
            events.record("account.password", by=SYSTEM, at=now, data={"user": user_id, "how": "set"})
    return len(changed)


def describe_logins() -> str:
    """Return one line with the demo logins and their password; empty where none of them has it any more."""
    people = get_user_model().objects.filter(is_demo=True, is_active=True, email__in=SHOWN)
    stored = dict(people.values_list("email", "password"))
    emails = [email for email in SHOWN if _salt_of(stored.get(email, "")) == _salt()]
    return f"Demo logins, password {demo_password()}: {', '.join(emails)}" if emails else ""


def _is_outdated(stored: str) -> bool:
    salt = _salt_of(stored)
    if salt.startswith(SALT_BEGINS):
        return salt != _salt()
    return check_password(FORMER_PASSWORD, stored)


def _salt() -> str:
    return SALT_BEGINS + crypto.mac("demo-password-salt", demo_password(), length=20)


def _salt_of(stored: str) -> str:
    try:
        return str(identify_hasher(stored).decode(stored)["salt"])
    except (KeyError, ValueError):  # no password at all, or a hasher that is gone
        return ""

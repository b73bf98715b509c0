"""Encrypt stored secrets and sign tokens, with keys derived from SECRET_KEY (and its fallbacks)."""

import base64
import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tickets.errors import DomainError


class SecretUnreadable(DomainError):
    """A stored secret was encrypted with a key that this installation no longer has."""

    code = "secret_unreadable"
    status = 500
    sentence = _("A stored secret cannot be read with the present SECRET_KEY. Enter it again in the admin.")


def encrypt(text: str) -> str:
    """Return `text` encrypted with the newest key."""
    return _fernet().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return the text encrypted in `token`. Raises SecretUnreadable if no key of the installation fits."""
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable from error


def mac(purpose: str, message: str, *, length: int = 26, key: str | None = None) -> str:
    """Return `length` characters of lower-case base32 of HMAC-SHA256 over purpose and message.

    26 characters are 130 bits. `key` defaults to SECRET_KEY. A mac for one purpose is invalid for others.
    """
    digest = hmac.new(
        _derived(key or settings.SECRET_KEY, purpose), message.encode(), hashlib.sha256
    ).digest()
    return base64.b32encode(digest).decode().lower().rstrip("=")[:length]


def mac_matches(purpose: str, message: str, given: str, *, length: int = 26) -> bool:
    """Tell in constant time whether `given` is the mac of `message` under SECRET_KEY or a fallback key."""
    matched = False
    for key in _keys():
        expected = mac(purpose, message, length=length, key=key)
        matched |= hmac.compare_digest(expected.encode(), given.encode())
    return matched


def digest(token: str) -> str:
    """Return the SHA-256 (hexadecimal) under which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _keys() -> list[str]:
    return [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]


def _derived(key: str, purpose: str) -> bytes:
    return hashlib.sha256(f"tandem:{purpose}:{key}".encode()).digest()


@cache
def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, "at-rest"))) for key in _keys()])

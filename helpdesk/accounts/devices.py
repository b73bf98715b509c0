"""Browsers in which an account signed in before, told by a signed cookie that lives for a year.

The cookie opens nothing: it only keeps wrong passwords that strangers type from slowing down its owner.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from tickets.platform import crypto

COOKIE = "tandem_device"
PATH = "/accounts/"
SALT = "helpdesk.accounts.devices"
LASTS = timedelta(days=365)
MOST_ACCOUNTS = 8  # of a browser that several people share; the one not used for the longest is forgotten


def recognise_device(request: HttpRequest, email: str) -> str:
    """Return the id of this browser if the account `email` signed in here before, else an empty text."""
    device, marks = _read(request)
    if device and _mark(device, email) in marks:
        return device
    user: Any = getattr(request, "user", None)
    if user is not None and user.is_authenticated and user.email.lower() == email.lower():
        return crypto.digest(request.session.session_key or "")[:22]
    return ""


def remember_device(request: HttpRequest, email: str) -> None:
    """Mark the browser, with the response to this request, as one in which `email` signed in."""
    request.device_is_known_to = email  # type: ignore[attr-defined]


def write_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    """Set the cookie if somebody has just signed in."""
    email = getattr(request, "device_is_known_to", "")
    if not email:
        return
    device, marks = _read(request)
    device = device or secrets.token_urlsafe(16)
    newest = _mark(device, email)
    kept = [newest, *(mark for mark in marks if mark != newest)][:MOST_ACCOUNTS]
    response.set_cookie(
        COOKIE,
        signing.dumps({"device": device, "marks": kept}, salt=SALT),
        max_age=LASTS,
        path=PATH,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return "", []
    return str(kept["device"]), list(kept["marks"])


def _mark(device: str, email: str) -> str:
    """Return the account's mark in the cookie: it holds no address and is useless in another browser."""
    return crypto.mac("known-device", f"{device}|{email.strip().lower()}")

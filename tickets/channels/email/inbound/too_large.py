"""Webhook calls that are too large: they are quarantined with what is known, so that a person learns of them.

Otherwise nobody here would know: the provider tries again for a while, then returns the mail to its sender.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest
from django.utils.translation import gettext as _

from tickets import wording
from tickets.channels.email.parsing import parse_email
from tickets.intake import ledger, receive
from tickets.limits import rate_limits
from tickets.models import Channel

LOOKED_AT = 128 * 1024
NOTED_AN_HOUR = 20  # a limit, because the call has not been authenticated yet
BEFORE, VALUE = rb"(?:^|[\r\n\"&=])", rb"\"?[:=]\s*\"?([^\r\n\"&]{1,300})"
FIELD = {
    name: re.compile(BEFORE + name.encode() + VALUE, re.IGNORECASE) for name in ("from", "subject")
}  # in a mail as it is, in a form, and in JSON


def note(channel: Channel, request: HttpRequest, *, now: datetime) -> None:
    """Quarantine a refused call with its size, and its sender and subject if they can be found."""
    if not rate_limits.count_and_check(
        f"too_large:{channel.pk}", limit=NOTED_AN_HOUR, per=timedelta(hours=1), now=now
    ):
        return
    size = request.META.get("CONTENT_LENGTH") or "0"
    head = unquote_to_bytes(request.read(LOOKED_AT).replace(b"+", b" "))
    said = {name: _found(name, head) for name in FIELD}
    # A repeated attempt is the same row, although its signature, time and boundaries differ.
    mail = "\n".join(said.values()).encode() if any(said.values()) else head
    key = hashlib.sha256(mail + size[:-5].encode()).hexdigest()
    facts = {
        "refused": True,
        "webhook": True,
        "too_large": int(size) if size.isascii() and size.isdigit() else 0,
        **said,
    }
    row, is_new = ledger.keep_raw(channel, head, source_key=f"refused:{key}", now=now, envelope=facts)
    if is_new:
        receive.process(row.pk, now=now)


def sentence(envelope: Mapping[str, Any]) -> str:
    """Return the reason for the quarantine, in words for a person."""
    known = [said for said in (envelope.get("from"), envelope.get("subject")) if said]
    size = wording.format_size(int(envelope.get("too_large") or 0))
    if known:
        what = " · ".join(known)
        return _("The mail provider brought a mail of %(size)s, too large to take: %(what)s.") % {
            "size": size,
            "what": what,
        }
    return _("The mail provider brought a mail of %(size)s, too large to take.") % {"size": size}


def _found(name: str, head: bytes) -> str:
    """Return a field's decoded value, or an empty text."""
    found = FIELD[name].search(head)
    if found is None:
        return ""
    mail = parse_email(name.encode() + b": " + found[1].strip() + b"\r\n\r\n")
    return (mail.subject if name == "subject" else mail.from_addr)[:120]

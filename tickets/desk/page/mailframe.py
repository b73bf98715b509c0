"""A mail as its sender formatted it: one closed document for a sandboxed frame, its own pictures inside."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.http import HttpResponse
from django.utils.html import escape
from django.utils.translation import get_language

from tickets.channels.email.outbound.pictures import through_us
from tickets.channels.email.parsing import HtmlRefused
from tickets.channels.email.parsing.pictures import (
    BEGINNING_BYTES,
    Picture,
    find_shown,
    picture_type,
    point_at,
)
from tickets.channels.email.reading.sandbox import SandboxError, SandboxUnavailable, sanitise_in_sandbox
from tickets.models import Attachment, Message
from tickets.platform import files as files_store

# No scripts, forms or plugins. Of our origin, so that the desk can give the frame the height of its
# content; links open in a window of their own, without a way back to the desk.
SANDBOX = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
CSP = f"{SANDBOX}; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
NOT_THERE = re.compile(r'(<img(?:\s[^\s=>"]+="[^"]*")*?\ssrc=")cid:[^"]*(")', re.IGNORECASE)
STYLE = (
    "html{color-scheme:light;background:#fff;color:#23252b}"
    "body{margin:0;padding:8px 12px;font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}table{max-width:100%}"
)


def response(
    message: Message,
    *,
    pictures: str = "",
    origin: str = "",
    asked_by: str = "",
    now: datetime | None = None,
) -> HttpResponse:
    """Return the message's sanitised HTML as a page that can run nothing, load nothing and ask nobody.

    Pictures sent along (cid:) become data: addresses, because a closed document has no session with which
    to fetch them; those that are too large, and everything from elsewhere, stay away. `pictures` is the path
    that fetches the latter, given when a person asked for them, `origin` where that lies, and `asked_by` the
    number of that person.
    """
    html, policy = message.html_safe, CSP
    if pictures and now is not None and (whole := _with_remote(message)):
        html = through_us(whole, f"{origin}{pictures}", asked_by=asked_by, now=now)
        policy = CSP.replace("img-src data:", f"img-src data: {origin}")
    answer = HttpResponse(_document(message, html), content_type="text/html; charset=utf-8")
    answer["Content-Security-Policy"] = policy
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store"
    return answer


def _with_remote(message: Message) -> str:
    """Return the HTML cleaned anew with the pictures it points at; nothing when that cannot be done."""
    try:
        return sanitise_in_sandbox(message.html, remote_images=True, timeout_seconds=5)
    except (HtmlRefused, SandboxError, SandboxUnavailable):
        return ""


def _document(message: Message, html: str) -> str:
    language = escape(message.language or get_language() or "en")
    body = _with_pictures(html, message.attachments.all())
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<base target="_blank"><title>{escape(message.ticket.subject)}</title><style>{STYLE}</style></head>'
        f"<body>{body}</body></html>"
    )


def _with_pictures(html: str, attachments: Iterable[Attachment]) -> str:
    """Return HTML with the pictures in it; the mail's reader decided by the same rule which are listed."""
    if "cid:" not in html:
        return html
    files = sorted(attachments, key=lambda file: file.pk)
    pictures = [Picture(file.content_id, (file.name,), file.size, partial(_type_of, file)) for file in files]
    shown = find_shown(html, pictures)
    data = {place: _data_url(files[place]) for place in set(shown.values())}
    made = {address: data[place] for address, place in shown.items()}
    return NOT_THERE.sub(r"\1\2", point_at(html, made))


def _type_of(file: Attachment) -> str:
    with files_store.open_file(file.key) as stored:
        return picture_type(file.content_type, stored.read(BEGINNING_BYTES))


def _data_url(file: Attachment) -> str:
    return f"data:{_type_of(file)};base64,{base64.b64encode(_content_of(file)).decode()}"


def _content_of(file: Attachment) -> bytes:
    with files_store.open_file(file.key) as stored:
        return bytes(stored.read())

"""A mail as its sender formatted it: a self-contained document for a sandboxed iframe, images included."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.http import HttpResponse
from django.utils.html import escape
from django.utils.translation import get_language

from tickets.channels.email.outbound.pictures import proxy_images
from tickets.channels.email.parsing import HtmlRefused
from tickets.channels.email.parsing.pictures import (
    TYPE_BYTES,
    Picture,
    detect_picture_type,
    find_shown_pictures,
    replace_addresses,
)
from tickets.channels.email.reading.sandbox import SandboxError, SandboxUnavailable, sanitise_in_sandbox
from tickets.models import Attachment, Message
from tickets.platform import files as files_store

# No scripts, forms or plugins. With our origin, so that the desk can fit the frame's height to its content;
# links open in a new window that has no access to the desk.
SANDBOX = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
CSP = f"{SANDBOX}; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
UNRESOLVED_CID = re.compile(r'(<img(?:\s[^\s=>"]+="[^"]*")*?\ssrc=")cid:[^"]*(")', re.IGNORECASE)
STYLE = (
    "html{color-scheme:light;background:#fff;color:#23252b}"
    "body{margin:0;padding:8px 12px;font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}table{max-width:100%}"
)


def render_mail_frame(
    message: Message,
    *,
    pictures: str = "",
    origin: str = "",
    asked_by: str = "",
    now: datetime | None = None,
) -> HttpResponse:
    """Return the message's sanitised HTML as a document that runs no script and makes no request.

    Attached images (cid:) become data: URLs, because a sandboxed document has no session with which to fetch
    them; images that are too large or remote are left out. If an agent asked for the remote images,
    `pictures` is the path of our image proxy, `origin` its scheme and host, and `asked_by` the agent's
    account id; the signed URLs expire some time after `now`.
    """
    html, policy = message.html_safe, CSP
    if pictures and now is not None and (html_with_remote := _sanitise_with_remote(message)):
        html = proxy_images(html_with_remote, f"{origin}{pictures}", asked_by=asked_by, now=now)
        policy = CSP.replace("img-src data:", f"img-src data: {origin}")
    response = HttpResponse(_render_document(message, html), content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = policy
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


def _sanitise_with_remote(message: Message) -> str:
    """Sanitise the message's HTML again, keeping its remote images; return an empty text if that fails."""
    try:
        return sanitise_in_sandbox(message.html, remote_images=True, timeout_seconds=5)
    except (HtmlRefused, SandboxError, SandboxUnavailable):
        return ""


def _render_document(message: Message, html: str) -> str:
    language = escape(message.language or get_language() or "en")
    body = _embed_pictures(html, message.attachments.all())
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<base target="_blank"><title>{escape(message.ticket.subject)}</title><style>{STYLE}</style></head>'
        f"<body>{body}</body></html>"
    )


def _embed_pictures(html: str, attachments: Iterable[Attachment]) -> str:
    """Replace cid: references by data: URLs of the attached images, and remove those that have no image.

    `find_shown_pictures` also decides, when a mail is received, which attachments are listed below its text.
    """
    if "cid:" not in html:
        return html
    files = sorted(attachments, key=lambda file: file.pk)
    pictures = [
        Picture(file.content_id, (file.name,), file.size, partial(_read_type, file)) for file in files
    ]
    shown = find_shown_pictures(html, pictures)
    data = {place: _build_data_url(files[place]) for place in set(shown.values())}
    data_urls = {address: data[place] for address, place in shown.items()}
    return UNRESOLVED_CID.sub(r"\1\2", replace_addresses(html, data_urls))


def _read_type(file: Attachment) -> str:
    with files_store.open_file(file.key) as stored:
        return detect_picture_type(file.content_type, stored.read(TYPE_BYTES))


def _build_data_url(file: Attachment) -> str:
    return f"data:{_read_type(file)};base64,{base64.b64encode(_read_content(file)).decode()}"


def _read_content(file: Attachment) -> bytes:
    with files_store.open_file(file.key) as stored:
        return bytes(stored.read())

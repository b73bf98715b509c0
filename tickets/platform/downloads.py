"""Attachments as downloads: whatever is in a file, the browser stores it and never runs or shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from tickets.errors import NotFound
from tickets.platform import files

if TYPE_CHECKING:
    from tickets.models import Attachment


def build_download(attachment: Attachment) -> HttpResponse:
    """Return a file that the caller may see (the view has checked that) as a download.

    The type is never what the sender said. The file is read whole: its size is bounded where it comes in,
    and a stream would not do under both kinds of server.

    Raises:
        NotFound: the file is gone from the store.
    """
    try:
        with files.open_file(attachment.key) as stored:
            data = stored.read()
    except FileNotFoundError as error:
        raise NotFound(_("This file is not in the store any more. Ask for it again.")) from error
    response = HttpResponse(data, content_type="application/octet-stream")
    name = content_disposition_header(as_attachment=True, filename=files.clean_name(attachment.name))
    headers = {
        "Content-Disposition": name or "attachment",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }
    for header, value in headers.items():
        response.headers[header] = value
    return response

"""Attachments as downloads: the browser saves the file and never shows or executes its content."""

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
    """Return the response that downloads an attachment; the view has checked that the reader may see it.

    The content type is never the one that the sender claimed. The file is read as a whole: its size was
    limited when it was received, and a streamed response does not work under both WSGI and ASGI.

    Raises:
        NotFound: the file is no longer in the store.
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

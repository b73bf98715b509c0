"""Determine the size of a request before anything reads it.

Django looks at Content-Length and takes a body without one for empty, while its ASGI server has received such
a body whole: in chunks, it passed every limit. And a form in one line of names and values costs the processor
six seconds for 30 MB, where files come in another way and words are never that many.
"""

from __future__ import annotations

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest

WORDS = "application/x-www-form-urlencoded"
WORDS_BYTES = 4 * 1024 * 1024  # 200,000 characters of the longest kind are 2.4 MB
SIGNED = "/channels/"  # providers send whole mails so; these doors have limits of their own


def note_body_size(request: HttpRequest) -> None:
    """Note the size of a body that came without one, so that Django's limits hold for it too."""
    if not isinstance(request, ASGIRequest) or request.META.get("CONTENT_LENGTH"):
        return
    body = request._stream  # a file, in memory or on disk
    size = body.seek(0, 2)
    body.seek(0)
    if size:
        request.META["CONTENT_LENGTH"] = str(size)


def has_too_many_words(request: HttpRequest) -> bool:
    """Tell whether a form without files is larger than any form that people fill in."""
    if request.content_type != WORDS or request.path_info.startswith(SIGNED):
        return False
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not (length.isascii() and length.isdigit() and int(length[:20]) <= WORDS_BYTES)

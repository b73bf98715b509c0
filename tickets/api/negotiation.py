"""Content negotiation of the API: JSON only."""

from __future__ import annotations

from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request


class AlwaysJSON(BaseContentNegotiation):
    """Answer in JSON, whatever `Accept` or `?format=` asks for."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return next((p for p in parsers if p.media_type == request._request.content_type), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type

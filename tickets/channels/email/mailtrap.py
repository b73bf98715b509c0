"""Fetch mails that Mailtrap announces by webhook, with a deadline and a maximum size."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from anymail.webhooks import mailtrap
from django.conf import settings

from tickets.channels.base import TryAgain
from tickets.platform.safe_http import Budget, Connection

SECONDS = 20.0
API_BYTES = 1024 * 1024


class MailtrapInbound(mailtrap.MailtrapInboundWebhookView):
    """anymail's view, with safe requests: its own have no deadline and follow redirects to any host."""

    def fetch_inbound_message(self, inbox_id: int, message_id: str) -> Any:
        """Return Mailtrap's JSON document about a mail. Raises TryAgain if it cannot be fetched."""
        path = f"inbound/inboxes/{quote(str(inbox_id), safe='')}/messages/{quote(str(message_id), safe='')}"
        return json.loads(
            _fetch(f"{self.api_url}{path}", API_BYTES, Authorization=f"Bearer {self.api_token}")
        )

    def fetch_raw_message_chunks(self, raw_message_url: str) -> Iterator[bytes]:
        """Yield the raw mail. Raises TryAgain if it cannot be fetched, or has over MAIL_MAX_BYTES."""
        yield _fetch(raw_message_url, settings.MAIL_MAX_BYTES)


def _fetch(url: str, max_bytes: int, **headers: str) -> bytes:
    """Return the body of an HTTPS URL on a public address, without following redirects."""
    parts = urlsplit(url)
    budget = Budget(SECONDS, max_bytes=max_bytes + API_BYTES)
    try:
        if parts.scheme != "https" or "@" in parts.netloc:
            raise OSError("not the address of a server")
        connection = Connection(parts.hostname or "", parts.port or 443, is_tls=True, budget=budget)
        try:
            connection.request(
                "GET", f"{parts.path}?{parts.query}" if parts.query else parts.path, None, headers
            )
            response = connection.getresponse()
            body = response.read(max_bytes + 1)
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise TryAgain(f"the mail cannot be fetched ({type(error).__name__})") from error
    if response.status != 200 or len(body) > max_bytes:
        raise TryAgain(f"the mail cannot be fetched ({response.status})")
    return body

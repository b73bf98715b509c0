"""The web form and the customers' own pages: what they send is kept as one JSON document."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tickets.addresses import normalise_email
from tickets.channels.base import Adapter, InboundFile, InboundMessage, NotUnderstood, Sender
from tickets.models import Inbound


class WebAdapter(Adapter):
    slug: ClassVar[str] = "web"
    label = _("web form")

    def receive(self, inbound: Inbound, raw: bytes) -> Sequence[InboundMessage]:
        try:
            form = json.loads(raw)
            return [_message(form)]
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise NotUnderstood(_("The form's content cannot be read.")) from error


def document(form: dict[str, Any], uploads: Iterable[tuple[str, str, bytes]] = ()) -> bytes:
    """Return the raw document of a sent form: its fields, and files as (name, type, bytes)."""
    kept = [
        {"name": name, "type": content_type, "data": base64.b64encode(data).decode()}
        for name, content_type, data in uploads
    ]
    return json.dumps({**form, "files": kept}, ensure_ascii=False, sort_keys=True).encode()


def _message(form: dict[str, Any]) -> InboundMessage:
    email = normalise_email(str(form.get("email", "")))
    participant = form.get("participant") or {}
    return InboundMessage(
        sender=Sender("email", email, name=str(form.get("name", "")).strip(), is_verified=bool(participant)),
        subject=str(form.get("subject", "")).strip(),
        text=str(form["text"]).replace("\r\n", "\n").replace("\x00", "").strip(),
        language=str(form.get("language", "")),
        files=[
            InboundFile(str(f["name"]), str(f["type"]), base64.b64decode(f["data"]))
            for f in form.get("files", [])
        ],
        customer_id=participant.get("customer"),
        ticket_id=participant.get("ticket"),
        layer="link" if participant else "",
        client_id=UUID(form["client_id"]) if participant and form.get("client_id") else None,
        wants_acknowledgement=not participant,
    )


adapter = WebAdapter()

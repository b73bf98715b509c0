"""The web form and the customers' own pages: each submission is stored as one JSON document."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.actor import Actor
from tickets.channels.base import Adapter, InboundFile, InboundMessage, NotUnderstood, Sender
from tickets.customers.mail_addresses import normalise_email
from tickets.customers.phone_numbers import format_number
from tickets.models import Channel, Inbound, Message
from tickets.promises import callbacks


class WebAdapter(Adapter):
    slug: ClassVar[str] = "web"
    label = gettext_lazy("web form")
    takes_forms = True
    how_to_connect = gettext_lazy("Link to this page where customers look for you.")

    def connection(self, channel: Channel) -> str:
        """Return the form's URL."""
        return settings.PUBLIC_URL + reverse("portal:request")

    def receive(self, inbound: Inbound, raw: bytes) -> Sequence[InboundMessage]:
        try:
            form = json.loads(raw)
            return [_build_message(form)]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise NotUnderstood(_("The form's content cannot be read.")) from error

    def save_channel_rows(self, message: Message, source: InboundMessage, *, now: datetime) -> None:
        """Record the requested call back."""
        if source.details is None:
            return
        # A form may be processed twice; further call backs are requested on the request's own page only.
        if not source.layer and message.ticket.callbacks.exists():
            return
        by = (
            Actor.for_customer(message.author_customer)
            if message.author_customer
            else Actor.for_channel("web")
        )
        callbacks.request_callback(message.ticket, **source.details, by=by, now=now)


def build_document(form: dict[str, Any], uploads: Iterable[tuple[str, str, bytes]] = ()) -> bytes:
    """Return a submitted form as the JSON document for the ledger; `uploads` are (name, type, bytes).

    Fields: email, name, subject, text, language; `participant` {customer, ticket} and `client_id` from a
    customer's own page; `signed_in` if the device opened a link that was mailed to `email`; `follows`
    {customer, ticket} if the same form is sent again with another text; `callback` {number, from_at,
    until_at}; `decoy`, a field that people do not see.
    """
    files = [
        {"name": name, "type": content_type, "data": base64.b64encode(data).decode()}
        for name, content_type, data in uploads
    ]
    return json.dumps({**form, "files": files}, ensure_ascii=False, sort_keys=True).encode()


def _build_message(form: dict[str, Any]) -> InboundMessage:
    participant, follows = form.get("participant") or {}, form.get("follows") or {}
    known = participant or follows
    is_signed_in = form.get("signed_in") is True
    is_decoyed = bool(
        str(form.get("decoy", "")).strip()
    )  # probably a program: quarantined for a person to see
    return InboundMessage(
        sender=_build_sender(form, is_verified=bool(participant) or is_signed_in),
        subject=str(form.get("subject", "")).strip(),
        text=str(form["text"]).replace("\r\n", "\n").replace("\x00", "").strip(),
        language=str(form.get("language", "")),
        files=[
            InboundFile(str(f["name"]), str(f["type"]), base64.b64decode(f["data"]))
            for f in form.get("files", [])
        ],
        customer_id=known.get("customer"),
        ticket_id=known.get("ticket"),
        layer="link" if participant else "same_form" if follows else "",
        is_typed=not known and not is_signed_in,
        client_id=UUID(form["client_id"]) if participant and form.get("client_id") else None,
        wants_acknowledgement=not known,
        wants_promise="callback" not in form,
        details=_parse_callback(form["callback"]) if form.get("callback") else None,
        refusal=_("Something filled in a field of the form that people do not see.") if is_decoyed else "",
        refusal_rule="decoy" if is_decoyed else "",
    )


def _build_sender(form: dict[str, Any], *, is_verified: bool) -> Sender:
    """Return the sender, by their mail address, or by the number to call if they gave no address."""
    email, name = normalise_email(str(form.get("email", ""))), str(form.get("name", "")).strip()
    if email or not form.get("callback"):
        return Sender("email", email, name=name, is_verified=is_verified)
    number = str(form["callback"]["number"])
    return Sender("phone", number, name=name, display=format_number(number))


def _parse_callback(callback: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": str(callback["number"]),
        "from_at": datetime.fromisoformat(callback["from_at"]),
        "until_at": datetime.fromisoformat(callback["until_at"]),
    }


adapter = WebAdapter()

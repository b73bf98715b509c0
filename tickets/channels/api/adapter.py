"""The API as a channel: a JSON document with the customer, the subject and the text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from tickets.channels.base import Adapter, InboundMessage, NotUnderstood, Sender
from tickets.customers.mail_addresses import normalise_email
from tickets.models import Inbound


class ApiAdapter(Adapter):
    slug: ClassVar[str] = "api"
    label = _("API")
    takes_documents = True

    def receive(self, inbound: Inbound, raw: bytes) -> Sequence[InboundMessage]:
        try:
            document = json.loads(raw)
            customer = document["customer"]
            return [
                InboundMessage(
                    sender=Sender("email", normalise_email(customer["email"]), name=customer.get("name", "")),
                    subject=document["subject"],
                    text=document["text"].replace("\x00", ""),
                    language=document.get("language", ""),
                    is_typed=True,
                )
            ]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise NotUnderstood(_("The document has no customer, subject or text.")) from error


adapter = ApiAdapter()

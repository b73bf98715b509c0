"""DKIM: sign what leaves, and say what is to be published for that. Source: RFC 6376."""

from __future__ import annotations

import base64
from email.message import Message as MimeMessage
from email.policy import default
from typing import Any

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.mail import EmailMultiAlternatives

from tickets.channels.email.outbound.whole_ids import WholeIds
from tickets.models import SigningKey

BITS = 2048
SIGNED = [
    b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"reply-to", b"in-reply-to", b"references",
    b"mime-version", b"content-type", b"auto-submitted", b"list-unsubscribe", b"list-unsubscribe-post",
]  # fmt: skip


def new_private_key() -> str:
    """Return a fresh RSA key as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_record(private_key: str) -> str:
    """Return the TXT record to publish under <selector>._domainkey.<domain>. Raises ValueError for no key."""
    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def key_for(address: str) -> SigningKey | None:
    """Return the key that signs for an address, if its domain has one that is in use."""
    domain = address.rpartition("@")[2].lower()
    return SigningKey.objects.filter(domain=domain, is_active=True).exclude(private_key="").first()


class SignedMail(EmailMultiAlternatives):
    """A mail whose ids stay whole, and that is signed as it is written if there is a key for its sender."""

    signing_key: SigningKey | None = None

    def message(self, **options: Any) -> Any:
        options["policy"] = WholeIds.like(options.get("policy", default))
        made = super().message(**options)
        if self.signing_key is not None:
            made["DKIM-Signature"] = _signature(made, self.signing_key)
        return made


def _signature(made: MimeMessage, key: SigningKey) -> str:
    header: bytes = dkim.sign(
        made.as_bytes(policy=made.policy.clone(linesep="\r\n")),
        key.selector.encode(),
        key.domain.encode(),
        key.private_key.encode(),
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[name for name in SIGNED if made.get(name.decode()) is not None],
    )
    value = header.decode().partition(":")[2]
    return " ".join(value.split())

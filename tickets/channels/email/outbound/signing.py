"""DKIM: sign outgoing mails, and build the DNS record to publish. Source: RFC 6376."""

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


def generate_private_key() -> str:
    """Return a new 2048-bit RSA private key as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def build_public_record(private_key: str) -> str:
    """Return the TXT record for <selector>._domainkey.<domain>. Raises ValueError for an invalid key."""
    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def find_signing_key(address: str) -> SigningKey | None:
    """Return the active signing key of an address's domain, or None."""
    domain = address.rpartition("@")[2].lower()
    return SigningKey.objects.filter(domain=domain, is_active=True).exclude(private_key="").first()


class SignedMail(EmailMultiAlternatives):
    """A mail whose ids are written on one line, signed on serialisation if its sender's domain has a key."""

    signing_key: SigningKey | None = None

    def message(self, **options: Any) -> Any:
        options["policy"] = WholeIds.from_policy(options.get("policy", default))
        message = super().message(**options)
        if self.signing_key is not None:
            message["DKIM-Signature"] = _sign(message, self.signing_key)
        return message


def _sign(message: MimeMessage, key: SigningKey) -> str:
    header: bytes = dkim.sign(
        message.as_bytes(policy=message.policy.clone(linesep="\r\n")),
        key.selector.encode(),
        key.domain.encode(),
        key.private_key.encode(),
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[name for name in SIGNED if message.get(name.decode()) is not None],
    )
    value = header.decode().partition(":")[2]
    return " ".join(value.split())

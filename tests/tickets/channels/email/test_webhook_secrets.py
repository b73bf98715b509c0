"""The doors for mail providers when the secret is missing, odd or another channel's."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest

from tickets.channels.email.inbound.providers import PROVIDERS
from tickets.models import Inbound


def door(cast, name: str, secret: str, **options: str) -> str:
    cast.mailbox.options = {"provider": name, **options}
    cast.mailbox.secret, cast.mailbox.previous_secret = secret, ""
    cast.mailbox.save()
    return f"/channels/email/{cast.mailbox.key}/"


def signed(name: str, body: bytes, key: str) -> dict[str, str]:
    """Return headers that sign a body the way of a provider, with a key that may be empty."""
    mac = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return {"mailersend": {"signature": mac}, "mailtrap": {"mailtrap-signature": mac}}.get(name, {})


@pytest.mark.parametrize("where", ["", "tracking/"])
@pytest.mark.parametrize("name", PROVIDERS)
def test_a_channel_without_a_secret_takes_nothing(cast, client, name, where):
    address = door(cast, name, "") + where
    stamp = str(int(time.time()))
    block = {
        "timestamp": stamp,
        "token": "t",
        "signature": hmac.new(b"", f"{stamp}t".encode(), "sha256").hexdigest(),
    }
    body = json.dumps({"signature": block, "event-data": {}}).encode()
    answer = client.post(address, body, content_type="application/json", headers=signed(name, body, ""))
    assert answer.status_code == 401
    assert not Inbound.objects.exists()


@pytest.mark.parametrize("secret", ["\u00e9" * 10, "\ud7ff", "not a key", "A" * 200, "a:b", "\n"])
@pytest.mark.parametrize("where", ["", "tracking/"])
@pytest.mark.parametrize("name", PROVIDERS)
def test_an_odd_secret_is_no_fault_of_ours(cast, client, name, where, secret):
    answer = client.post(door(cast, name, secret) + where, b"{}", content_type="application/json")
    assert answer.status_code == (503 if (name, where) == ("mailtrap", "") and secret.strip() else 401)


def test_mailtrap_without_a_token_is_refused_with_a_sentence(cast, client):
    answer = client.post(door(cast, "mailtrap", "key"), b"{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_not_set_up")
    assert "TANDEM_MAIL_PROVIDER_OPTIONS" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["mailtrap", "nobody"])
def test_the_settings_say_what_a_provider_lacks(cast, client, name):
    client.force_login(cast.admin)
    fields = {
        "slug": "email", "name": "Support", "queue": cast.orders.pk, "language": "en", "is_active": "on",
        "address": cast.mailbox.address, "options": json.dumps({"provider": name}),
    }  # fmt: skip
    page = client.post(f"/admin/tickets/channel/{cast.mailbox.pk}/change/", fields).content.decode()
    assert ("API token" if name == "mailtrap" else "Known: mailgun, postmark") in page
    cast.mailbox.refresh_from_db()
    assert "provider" not in cast.mailbox.options


INBOUND = {"events": [{"event": "inbound.message_received", "inbox_id": 7, "message_id": "m"}]}


@pytest.mark.parametrize("api", ["http://169.254.169.254/", "https://127.0.0.1/", "https://10.0.0.1/"])
def test_mailtrap_is_fetched_from_public_servers_by_tls_only(cast, client, settings, api):
    options = {"api_token": "token", "api_url": api}
    settings.MAILERS = {"default": {"BACKEND": "x", "OPTIONS": options}}
    settings.ANYMAIL_MAILTRAP_API_URL = api
    body = json.dumps(INBOUND).encode()
    address = door(cast, "mailtrap", "key")
    answer = client.post(
        address, body, content_type="application/json", headers=signed("mailtrap", body, "key")
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "try_again")
    assert not Inbound.objects.exists()


@pytest.mark.parametrize("name", ["mailersend", "mailtrap"])
@pytest.mark.parametrize("where", ["", "tracking/"])
def test_another_channels_key_signs_nothing(cast, client, settings, name, where):
    settings.MAILERS = {"default": {"BACKEND": "x", "OPTIONS": {"api_token": "token"}}}
    body = json.dumps({"events": [], "data": {}, "type": "activity.sent"}).encode()
    for headers in ({}, signed(name, body, "other"), signed(name, body, "")):
        answer = client.post(
            door(cast, name, "key") + where, body, content_type="application/json", headers=headers
        )
        assert answer.status_code == 401
    answer = client.post(
        door(cast, name, "key") + where,
        body,
        content_type="application/json",
        headers=signed(name, body, "key"),
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["mailersend", "mailtrap"])
@pytest.mark.parametrize("where", ["", "tracking/"])
@pytest.mark.parametrize("kind", ["inbound.message", "activity.sent", "inbound.message_received", "delivery"])
def test_events_sent_to_the_other_door_are_no_fault_of_ours(cast, client, settings, name, where, kind):
    settings.MAILERS = {"default": {"BACKEND": "x", "OPTIONS": {"api_token": "token"}}}
    address = door(cast, name, "key") + where
    body = json.dumps({"type": kind, "data": {}, "events": [{"event": kind}]}).encode()
    answer = client.post(address, body, content_type="application/json", headers=signed(name, body, "key"))
    assert answer.status_code < 500

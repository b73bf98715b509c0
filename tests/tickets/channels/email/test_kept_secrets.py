"""Secrets that are never shown again go to the servers they were typed for, and to no others."""

from __future__ import annotations

import pytest
from django.test import Client

from tickets.models import Mailbox, MailSignIn

SERVERS = {"imap_host": "imap.demo.example", "smtp_host": "smtp.demo.example"}


@pytest.fixture
def admin(cast) -> Client:
    client = Client()
    client.force_login(cast.admin)
    return client


@pytest.fixture
def save(cast, admin):
    """Return a function that saves the settings of a mailbox whose password is kept."""
    mailbox = Mailbox.objects.create(
        channel=cast.mailbox, password="kept", imap_security="tls", smtp_security="tls", **SERVERS
    )
    form = {
        "address": cast.mailbox.address, "name": "Support", "queue": cast.orders.pk, "language": "en",
        "sign_in": "password", "username": "", "password": "", "imap_port": 993, "imap_security": "tls",
        "smtp_port": 465, "smtp_security": "tls", "folders": "INBOX", "afterwards": "leave", **SERVERS,
    }  # fmt: skip
    return lambda **changes: (
        admin.post(f"/admin/mailboxes/{mailbox.pk}/settings/", form | changes).status_code
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"imap_host": "evil.example"},
        {"smtp_host": "evil.example"},
        {"imap_security": "none"},
        {"smtp_security": "none"},
    ],
)
def test_a_kept_password_goes_to_no_other_server(save, changes):
    assert save(**changes) == 400
    kept = Mailbox.objects.get()
    assert {name: getattr(kept, name) for name in SERVERS} == SERVERS
    assert kept.imap_security == "tls"


def test_it_is_kept_for_the_same_servers_and_typed_again_for_others(save):
    assert save(quiet_hours=4) == 302
    assert Mailbox.objects.get().password == "kept"
    assert save(imap_host="imap.elsewhere.example", password="new") == 302
    assert Mailbox.objects.get().password == "new"


def test_a_kept_secret_of_a_registration_goes_to_no_other_server(admin):
    row = MailSignIn.objects.create(provider="microsoft", client_id="id", client_secret="kept")
    form = {"provider": "microsoft", "client_id": "id", "client_secret": "", "tenant": row.tenant or "common"}
    address = f"/admin/tickets/mailsignin/{row.pk}/change/"
    assert admin.post(address, form | {"server": "https://evil.example"}).status_code == 200
    row.refresh_from_db()
    assert row.server == ""
    assert admin.post(address, form | {"server": "", "client_id": "other"}).status_code == 302
    row.refresh_from_db()
    assert (row.client_id, row.client_secret) == ("other", "kept")

"""Signing in to a provider: the flow, renewal, and XOAUTH2 checked by a real Dovecot and an SMTP peer."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client

from tests.plugins import dovecot as dovecots
from tests.plugins.dovecot import USER, numbered
from tests.plugins.mailpeers import sign_in_server, submission
from tickets.channels.email.imap import reader
from tickets.channels.email.mailboxes import monitoring, oauth
from tickets.channels.email.mailboxes.trouble import SignInEnded, explain
from tickets.channels.email.outbound import posting
from tickets.models import Inbound, Mailbox, MailSignIn


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A provider, and a Dovecot that asks it whose token it was given."""
    with sign_in_server() as provider:
        folder = tmp_path_factory.mktemp("oauth")
        (folder / "oauth2.conf").write_text(
            f"tokeninfo_url = {provider.url}/tokeninfo?token=\nusername_attribute = username\n"
        )
        for part in (folder, *list(folder.parents)[:2]):
            part.chmod(0o755)
        passdb = f"  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {folder}/oauth2.conf"
        with dovecots.running(mechanisms="xoauth2 oauthbearer", passdb=passdb) as server:
            yield provider, server


@pytest.fixture
def provider(world):
    provider, server = world
    provider.answers = 200
    server.maildir()
    return provider


@pytest.fixture
def mailbox(cast, world, provider, settings):
    """The support mailbox, to be signed in at the test's provider."""
    settings.PRIVATE_SERVERS = ["127.0.0.0/8"]
    MailSignIn.objects.create(
        provider="microsoft", client_id="our-client", client_secret="client-secret", server=provider.url
    )
    return Mailbox.objects.create(
        channel=cast.mailbox, sign_in="microsoft", username=USER, imap_host="127.0.0.1",
        imap_port=world[1].port, imap_security="none", smtp_security="none",
    )  # fmt: skip


@pytest.fixture
def admin(cast):
    client = Client()
    client.force_login(cast.admin)
    return client


@pytest.fixture
def signed_in(mailbox, provider, admin):
    """The same, after the administrator has been at the provider's page."""
    page = admin.post(f"/admin/mailboxes/{mailbox.pk}/sign-in/")
    admin.get("/admin/mailboxes/signed-in/", provider.agree(page.context["url"]))
    mailbox.refresh_from_db()
    return mailbox


def test_the_flow_brings_tokens_that_lie_encrypted(signed_in, provider):
    assert (signed_in.access_token, signed_in.refresh_token[:8]) == (f"access-{provider.count}", "refresh-")
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token, refresh_token FROM tickets_mailbox")
        assert not any("access" in stored or "refresh" in stored for stored in cursor.fetchone())


def test_a_mailbox_is_read_with_the_token(signed_in, world):
    world[1].put(*numbered(2))
    reader.read_mailbox(Mailbox.objects.select_related("channel").get(pk=signed_in.pk))
    assert Inbound.objects.count() == 2


def test_mails_are_sent_with_the_token(signed_in, now):
    with submission(tokens={signed_in.access_token}) as peer:
        signed_in.smtp_host, signed_in.smtp_port = "127.0.0.1", peer.port
        posting.send_by_mailbox(
            EmailMessage("Hello", "You", "support@demo.example", ["dana@petit.example"]), signed_in, now=now
        )
    assert peer.said == [f"user={USER}\x01auth=Bearer {signed_in.access_token}\x01\x01".encode()]
    assert len(peer.taken) == 1


def test_a_refused_token_is_told_and_ends_nothing_else(signed_in, now):
    with submission(tokens={"another"}) as peer:
        signed_in.smtp_host, signed_in.smtp_port = "127.0.0.1", peer.port
        with pytest.raises(smtplib.SMTPAuthenticationError), posting.open_smtp(signed_in, now=now):
            pass


def test_a_state_that_was_not_given_out_is_refused(mailbox, provider, admin):
    page = admin.post(f"/admin/mailboxes/{mailbox.pk}/sign-in/")
    back = provider.agree(page.context["url"])
    assert admin.get("/admin/mailboxes/signed-in/", {**back, "state": "forged"}).status_code == 400
    # And it was good for one try only.
    assert admin.get("/admin/mailboxes/signed-in/", back).status_code == 400
    assert not Mailbox.objects.get().access_token


def test_a_stolen_code_is_worth_nothing_without_the_verifier(mailbox, provider, cast, now):
    errand = oauth.begin_sign_in(mailbox, redirect_url="http://127.0.0.1/")
    back = provider.agree(errand.url)
    with pytest.raises(oauth.SignInRefused):
        oauth.complete_sign_in(
            mailbox, back["code"], "guess" * 10, redirect_url="http://127.0.0.1/",
            by=cast.acting("admin"), now=now,
        )  # fmt: skip


def test_a_token_is_renewed_before_it_ends(signed_in, provider):
    soon = signed_in.access_expires_at - timedelta(minutes=5)
    assert oauth.renew_due_tokens(now=soon) == 1
    fresh = Mailbox.objects.get()
    assert (fresh.access_token, fresh.access_expires_at) == (
        f"access-{provider.count}", soon + timedelta(hours=1),
    )  # fmt: skip
    assert fresh.refresh_token != signed_in.refresh_token


def test_while_the_provider_is_away_the_present_token_does(signed_in, provider):
    provider.answers = 503
    soon = signed_in.access_expires_at - timedelta(minutes=5)
    assert oauth.get_access_token(signed_in, now=soon) == signed_in.access_token
    with pytest.raises(OSError, match="503"):
        oauth.get_access_token(signed_in, now=signed_in.access_expires_at)


def test_a_sign_in_that_has_ended_is_told_before_the_token_ends(signed_in, provider, cast, now):
    provider.refresh.clear()
    soon = signed_in.access_expires_at - timedelta(minutes=5)
    oauth.renew_due_tokens(now=soon)
    mailbox = Mailbox.objects.get()
    assert (monitoring.find_problem(mailbox, now=soon), mailbox.access_expires_at > soon) == (
        "signin_ended",
        True,
    )
    with pytest.raises(SignInEnded) as ended:
        oauth.renew_tokens(mailbox, now=soon)
    assert explain(ended.value, "127.0.0.1").code == "signin_ended"


def test_the_registration_s_own_end_is_told_two_weeks_before(signed_in, now):
    MailSignIn.objects.update(secret_expires_on=(now + timedelta(days=13)).date())
    assert oauth.find_expiring(signed_in, now=now) == "secret_ends"
    assert oauth.find_expiring(signed_in, now=now - timedelta(days=5)) == ""


def test_without_a_registration_it_says_what_to_do(mailbox, admin):
    MailSignIn.objects.all().delete()
    answer = admin.post(f"/admin/mailboxes/{mailbox.pk}/sign-in/")
    assert answer.status_code == 409
    assert "Mail sign-ins" in answer.content.decode()


def test_a_token_that_the_mail_server_refuses_asks_for_a_new_sign_in(signed_in):
    signed_in.access_token = "stolen-and-revoked"
    signed_in.save(update_fields=["access_token"])
    with pytest.raises(SignInEnded):
        reader.read_mailbox(Mailbox.objects.select_related("channel").get(pk=signed_in.pk))

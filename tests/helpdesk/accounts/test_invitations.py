"""Invitations: a link that works once, for three days, and never past a second factor."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from helpdesk.accounts import invitations
from helpdesk.accounts.models import Invitation
from tests import make
from tickets.channels.email.outbound import outward
from tickets.clock import database_now
from tickets.models import Outbound

NEW = "a-much-longer-password"


@pytest.fixture
def invite(cast):
    """Return a function that invites somebody and gives the address of the page behind the link."""

    def send(person, *, ago: timedelta = timedelta(0)) -> str:
        invitations.invite_user(person, by=cast.acting("admin"), now=database_now() - ago)
        text = Outbound.objects.filter(kind=Outbound.Kind.ACCOUNT).latest("pk").payload["text"]
        return str(re.findall(r"/accounts/invitation/\S+", text)[0])

    return send


@pytest.fixture
def newcomer(cast):
    person = make.user("newcomer")
    person.set_unusable_password()
    person.save(update_fields=["password"])
    return person


def is_signed_in(client: Client) -> bool:
    return client.get("/accounts/settings/").status_code == 200


def test_the_link_sets_a_password_and_signs_in(invite, newcomer):
    client = Client()
    assert client.post(invite(newcomer), {"password": NEW}).status_code == 302
    assert is_signed_in(client)
    newcomer.refresh_from_db()
    assert newcomer.check_password(NEW)


def test_a_second_use_is_refused_and_changes_nothing(invite, newcomer):
    address = invite(newcomer)
    Client().post(address, {"password": NEW})
    assert Client().get(address).status_code == 404
    assert Client().post(address, {"password": "somebody-elses-choice"}).status_code == 404
    newcomer.refresh_from_db()
    assert newcomer.check_password(NEW)


def test_after_three_days_it_is_over(invite, newcomer):
    address = invite(newcomer, ago=timedelta(hours=72, seconds=1))
    assert Client().post(address, {"password": NEW}).status_code == 404


def test_a_newer_invitation_ends_the_earlier_one(invite, newcomer):
    first, second = invite(newcomer, ago=timedelta(hours=1)), invite(newcomer)
    assert (Client().get(first).status_code, Client().get(second).status_code) == (404, 200)


def test_a_switched_off_account_is_not_opened(invite, newcomer):
    address = invite(newcomer)
    type(newcomer).objects.filter(pk=newcomer.pk).update(is_active=False)
    assert Client().post(address, {"password": NEW}).status_code == 404


def test_a_weak_password_is_refused_and_leaves_the_link_alive(invite, newcomer):
    address = invite(newcomer)
    assert Client().post(address, {"password": "password"}).status_code == 400
    assert Client().get(address).status_code == 200


def test_looking_at_the_page_uses_nothing_up(invite, newcomer):
    address = invite(newcomer)
    for _ in range(2):
        Client().get(address)
    assert Invitation.objects.get(user=newcomer).used_at is None


def test_the_token_is_kept_as_a_digest_only(invite, newcomer):
    token = invite(newcomer).rstrip("/").rpartition("/")[2]
    assert token not in str(Invitation.objects.values())


def test_who_has_a_second_factor_is_still_asked_for_it(invite, cast):
    TOTP.activate(cast.alice, generate_totp_secret())
    client = Client()
    client.post(invite(cast.alice), {"password": NEW})
    assert not is_signed_in(client)


def test_the_secret_of_a_second_factor_is_encrypted_at_rest(cast):
    secret = generate_totp_secret()
    kept = TOTP.activate(cast.alice, secret).instance
    kept.refresh_from_db()
    assert secret not in str(kept.data)


def test_nobody_is_invited_at_a_mailbox_of_ours(cast):
    client = Client()
    client.force_login(cast.admin)
    form = {
        "email": "support@demo.example", "name": "Eve", "language": "en", "time_zone": "Europe/Paris",
        "is_active": "on", "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0",
    }  # fmt: skip
    answer = client.post("/admin/accounts/user/add/", form)
    assert answer.status_code == 200
    assert "This is one of our mailboxes" in answer.content.decode()
    assert not type(cast.alice).objects.filter(name="Eve").exists()


def test_the_mail_looks_like_every_other_mail_of_ours(invite, newcomer):
    invite(newcomer)
    row = Outbound.objects.filter(kind=Outbound.Kind.ACCOUNT).latest("pk")
    html = str(outward.build_mail(row, now=database_now()).alternatives[0][0])
    assert re.search(r'<a [^>]*style="[^"]*background-color', html)

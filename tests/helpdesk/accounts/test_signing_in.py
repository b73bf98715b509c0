"""Signing in and out: nothing told to strangers, sessions that end when they must, and a record of it all."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests import make
from tickets.models import Event

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"|\bkey="[^"]+"')


def shown(response) -> str:
    """Return a page without what differs on every request."""
    return TOKEN.sub("", response.content.decode())


def is_signed_in(client: Client) -> bool:
    return client.get("/accounts/settings/").status_code == 200


def audit(kind: str) -> list[dict[str, Any]]:
    return [event.data for event in Event.objects.filter(kind=kind, is_audit=True).order_by("pk")]


@pytest.fixture
def browser(cast, sign_in):
    """Return a browser in which Alice has signed in by her password."""
    client = Client()
    assert sign_in(client, "alice@demo.example").status_code == 302
    return client


def test_a_wrong_password_and_an_unknown_account_look_the_same(cast, sign_in):
    known = shown(sign_in(Client(), "alice@demo.example", "wrong-password"))
    unknown = shown(sign_in(Client(), "nobody@demo.example", "wrong-password"))
    assert known.replace("alice@", "nobody@") == unknown


def test_a_switched_off_account_with_a_wrong_password_looks_the_same_too(cast, sign_in):
    make.user("former", is_active=False)
    former = shown(sign_in(Client(), "former@demo.example", "wrong-password"))
    unknown = shown(sign_in(Client(), "nobody@demo.example", "wrong-password"))
    assert former.replace("former@", "nobody@") == unknown


def test_a_switched_off_account_does_not_come_in(cast, sign_in):
    make.user("former", is_active=False)
    client = Client()
    sign_in(client, "former@demo.example")
    assert not is_signed_in(client)


def test_the_session_gets_another_key_when_somebody_signs_in(cast, sign_in):
    client = Client()
    session = client.session
    session["before"] = True
    session.save()
    before = str(session.session_key)
    client.cookies["sessionid"] = before
    sign_in(client, "alice@demo.example")
    assert client.cookies["sessionid"].value != before
    assert not Client(headers={"cookie": f"sessionid={before}"}).session.get("_auth_user_id")


def test_a_new_password_ends_every_other_session(cast, browser, sign_in):
    other = Client()
    sign_in(other, "alice@demo.example")
    new = "a-much-longer-password"
    form = {"oldpassword": make.PASSWORD, "password1": new, "password2": new}
    assert browser.post("/accounts/password/change/", form).status_code == 302
    assert (is_signed_in(browser), is_signed_in(other)) == (True, False)
    assert audit("account.password") == [{"user": cast.alice.pk, "how": "changed"}]


def test_switching_an_account_off_ends_its_sessions_at_once(cast, browser):
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert not is_signed_in(browser)


def test_signing_out_ends_the_session_for_whoever_still_has_its_key(cast, browser):
    key = browser.cookies["sessionid"].value
    browser.post("/accounts/logout/")
    assert not is_signed_in(Client(headers={"cookie": f"sessionid={key}"}))
    assert audit("account.logout") == [{"user": cast.alice.pk}]


def test_a_sign_in_is_recorded(cast, browser):
    assert audit("account.login") == [{"user": cast.alice.pk}]


def test_a_refusal_is_recorded_for_whose_account_it_was(cast, sign_in):
    make.user("former", is_active=False)
    for name in ("alice", "former", "nobody"):
        sign_in(Client(), f"{name}@demo.example", "wrong-password")
    reasons = [data["reason"] for data in audit("account.login_failed")]
    assert reasons == ["refused", "switched_off", "unknown"]
    assert audit("account.login_failed")[0]["user"] == cast.alice.pk


def test_no_record_holds_what_was_typed(cast, sign_in):
    sign_in(Client(), "alice@demo.example", "hunter2-hunter2")
    sign_in(Client(), "my-password@demo.example", "hunter2-hunter2")
    held = str(list(Event.objects.values()))
    assert "hunter2" not in held
    assert "my-password" not in held


def test_nobody_makes_another_address_their_sign_in(cast, browser):
    for action in ("action_add", "action_primary"):
        browser.post("/accounts/email/", {action: "", "email": "support@demo.example"})
    cast.alice.refresh_from_db()
    assert cast.alice.email == "alice@demo.example"
    assert not cast.alice.emailaddress_set.exists()


def test_nobody_signs_up(cast):
    form = {"email": "me@evil.example", "password1": "a-long-password-1"}
    Client().post("/accounts/signup/", form)
    assert not type(cast.alice).objects.filter(email="me@evil.example").exists()


def test_changing_the_second_factor_asks_for_the_password_again(cast, browser):
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0.0}]
    session.save()
    answer = browser.get("/accounts/2fa/totp/activate/")
    assert answer.status_code == 302
    assert "/accounts/reauthenticate/" in answer.url

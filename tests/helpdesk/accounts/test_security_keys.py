"""Security keys: our own words on every page about them."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.messages import get_messages
from django.test import Client

from tests import make


@pytest.fixture
def browser_of_alice(cast, sign_in):
    client = Client()
    sign_in(client, "alice@demo.example")
    client.post("/accounts/reauthenticate/", {"password": make.PASSWORD})
    return client


@pytest.fixture
def key(cast, browser_of_alice):
    data = {"name": "Blue key", "credential": {}}
    return Authenticator.objects.create(user=cast.alice, type=Authenticator.Type.WEBAUTHN, data=data)


def test_the_first_key_is_proposed_a_name(browser_of_alice):
    page = browser_of_alice.get("/accounts/2fa/webauthn/add/").content.decode()
    assert "Name of the key" in page
    assert 'value="Key 1"' in page


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "not used yet"),
        ("keys/{pk}/edit/", "Rename the security key"),
        ("keys/{pk}/remove/", "You will no longer be able to sign in with “Blue key”"),
    ],
)
def test_pages_about_a_key_speak_of_it(browser_of_alice, key, path, words):
    assert words in browser_of_alice.get(f"/accounts/2fa/webauthn/{path.format(pk=key.pk)}").content.decode()


def test_a_removed_key_is_gone_and_said_to_be(browser_of_alice, key):
    answer = browser_of_alice.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    assert [str(said).strip() for said in get_messages(answer.wsgi_request)] == [
        "The security key is removed."
    ]
    assert not Authenticator.objects.filter(pk=key.pk).exists()

"""The ways to a person that every public page offers."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests import make
from tests.cast import NOON
from tickets.promises import promises
from tickets.promises.promises import Estimate


@pytest.mark.parametrize(("language", "first"), [("en", "support@demo.example"), ("fr", "aide@demo.example")])
def test_mailbox_of_the_readers_language_comes_first(cast, client, language, first):
    make.channel("email", cast.orders, address="aide@demo.example", language="fr")
    response = client.get(reverse("portal:home"), headers={"accept-language": language})
    assert response.context["ways"].mailboxes[0] == first


@pytest.mark.parametrize("path", ["portal:home", "portal:requests"])
def test_talk_is_offered_for_now_only_while_somebody_is_free(cast, client, monkeypatch, path):
    estimates = iter([None, Estimate(NOON, NOON)])
    monkeypatch.setattr(
        promises, "_estimators", [lambda *_args, is_live, **_more: next(estimates) if is_live else None]
    )
    assert "Chat with us now" not in client.get(reverse(path)).text
    assert "Chat with us now" not in client.get(reverse(path)).text  # as of the last seconds
    cache.clear()
    assert "Chat with us now" in client.get(reverse(path)).text

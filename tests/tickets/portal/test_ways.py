"""The ways to a person that every public page offers."""

import pytest
from django.urls import reverse

from tests import make


@pytest.mark.parametrize(("language", "first"), [("en", "support@demo.example"), ("fr", "aide@demo.example")])
def test_mailbox_of_the_readers_language_comes_first(cast, client, language, first):
    make.channel("email", cast.orders, address="aide@demo.example", language="fr")
    response = client.get(reverse("portal:home"), headers={"accept-language": language})
    assert response.context["ways"].mailboxes[0] == first

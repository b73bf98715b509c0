"""Whoever names a hidden customer's address or number, in a query or a body, gets what nobody's gets."""

from __future__ import annotations

import pytest

from tests.helpdesk.rights import naming
from tests.helpdesk.rights.naming import Naming
from tests.helpdesk.rights.test_naming import CLAIMS, ROUTES

pytestmark = pytest.mark.django_db
TYPED = [one for route in ROUTES for one in naming.namings(route) if one.kind in CLAIMS]


@pytest.mark.parametrize("one", TYPED, ids=str)
def test_a_typed_address_of_a_hidden_customer_is_as_good_as_nobodys(scene, one: Naming):
    world, hidden = scene
    assert list(naming.troubles(world, hidden, one)) == []

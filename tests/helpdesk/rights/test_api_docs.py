"""docs/api.md names what there is: addresses, methods, parameters, orders, limits."""

import re

from helpdesk.runtime.environment import REPOSITORY
from tests.helpdesk.rights import asking
from tickets.api import base, idempotency, parsing
from tickets.api.base import ListResource
from tickets.models import ApiAnswer

TEXT = (REPOSITORY / "docs" / "api.md").read_text()
RESOURCES = {path: resource for _name, path, resource in asking.api_routes()}


def rows(heading: str) -> dict[str, str]:
    """Return the table under a heading: address and the rest of the row."""
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(/api/v1/[^`]*)` \| (.*) \|$", section, re.MULTILINE))


def test_every_resource_and_method_is_named():
    methods = ("get", "post", "put", "patch", "delete")
    told = {address: rest.partition(" | ")[0] for address, rest in rows("Resources").items()}
    there = {
        address: ", ".join(method.upper() for method in methods if hasattr(resource, method))
        for address, resource in RESOURCES.items()
    }
    assert told == there


def test_every_filter_is_named():
    told = {address: set(re.findall(r"`(\w+)`", rest)) for address, rest in rows("Filters").items()}
    for address, resource in RESOURCES.items():
        known = set(resource.known_parameters()) - {"ordering", "cursor", "page_size"}
        if address.endswith("{slug}/tickets/"):
            known -= set(RESOURCES[address.removesuffix("tickets/")].known_parameters())
        assert told.get(address, set()) == known


def test_every_order_is_named_the_lists_own_first():
    told = {address: re.findall(r"`([^`]+)`", rest) for address, rest in rows("Pages and orders").items()}
    there = {a: list(r.orders) for a, r in RESOURCES.items() if issubclass(r, ListResource)}
    assert told == there


def test_limits_are_told_as_they_are():
    assert f"more than {base.REQUESTS_A_MINUTE} requests" in TEXT
    assert f"larger than {parsing.MAX_BYTES // 1024 // 1024} MB" in TEXT
    assert f"kept for {ApiAnswer.KEPT.total_seconds() / 3600:.0f} hours" in TEXT
    assert f"deeper than {parsing.MAX_DEPTH}" in TEXT
    assert idempotency.WAIT_SECONDS == 3
    assert "for three seconds" in TEXT

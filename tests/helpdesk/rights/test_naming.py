"""Whoever names a row they may not see, in an address, a query or a body, gets what nobody's row gets."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django import forms

from tests.helpdesk.rights import asking, naming, reading
from tests.helpdesk.rights.fields import CARRIED_ON, NOTHING, READS
from tests.helpdesk.rights.naming import Naming
from tickets.desk import views
from tickets.desk.views import actions

pytestmark = pytest.mark.django_db
CLAIMS = ("address", "number")  # what anybody may type of anybody: see test_naming_addresses
ROUTES = [route for route in asking.routes() if not route[0].startswith("admin:")]
NAMINGS = [one for route in ROUTES for one in naming.namings(route) if one.kind not in CLAIMS]
NONSENSE = ("9" * 5000, "9" * 30, "-1", "a\x00b", "\ud83d", "١٢٣")
HOW = (
    "say in tests/helpdesk/rights/fields.py, under the route's name, which kind of row each of them names"
    " (`query` or `body`), or list it in `plain`"
)


@pytest.mark.parametrize("route", [r for r in ROUTES if reading.is_ours(r[2])], ids=lambda route: route[0])
def test_every_field_of_a_route_is_declared(route):
    found = set().union(*reading.fields_of(route[2]).values())
    declared = READS.get(route[0], NOTHING).names
    if route[0].startswith(("portal:", "survey:", "chat:")):  # their names stand in a list in kept.py
        found -= (CARRIED_ON | {reading.UNKNOWN}) - declared
    assert found - declared == set(), f"{route[0]} reads fields that nothing is known of: {HOW}."
    assert declared - found == set(), f"{route[0]} no longer reads these: take them out of fields.py."


def test_no_route_is_declared_that_is_gone():
    assert READS.keys() <= {name for name, _path, _pattern in ROUTES}


@pytest.mark.parametrize("one", NAMINGS, ids=str)
def test_a_hidden_row_is_as_good_as_none(scene, one: Naming):
    world, hidden = scene
    assert list(naming.troubles(world, hidden, one)) == []


@pytest.mark.parametrize("one", [n for n in NAMINGS if n.place != naming.ADDRESS], ids=str)
def test_nonsense_instead_of_a_row_breaks_nothing(scene, one: Naming):
    world, _hidden = scene
    found = {text: naming.status_of(world, one, "carol", one.form.format(text)) for text in NONSENSE}
    assert {text[:8]: status for text, status in found.items() if status >= 500} == {}


def test_the_finder_sees_what_a_view_its_helpers_and_its_forms_read():
    found = reading.fields_of(SimpleNamespace(callback=_new_view))
    assert found == {
        "query": {"list", "kind", "page"},
        "body": {"customer", "queue", "one", "two", "ticket", "line.a", "line.b", "kind", "subject"},
    }


class _NewForm(forms.Form):
    subject = forms.CharField()


def _new_view(request, number):
    given = request.POST if request.method == "POST" else request.GET
    one, two = (request.POST.getlist(name) for name in ("one", "two"))
    lines = [request.POST[f"line.{letter}"] for letter in ("a", "b")]
    if "ticket" in request.POST:
        return request.GET["page"], views, lines
    form = _NewForm(request.POST or None)
    return request.GET.get("list"), given.get("kind"), _helper(request, "customer"), one, two, form


def _helper(request, name):
    return request.POST.get(name), actions._read_number(request, "queue")

"""Every route has a row in the matrix, and opens for nobody else than the row says."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.test import Client

from tests.helpdesk.rights import asking, world
from tests.helpdesk.rights.asking import Route
from tests.helpdesk.rights.rows import OF_THE_SETTINGS, ROWS, TABLES
from tests.helpdesk.rights.world import World

AREAS = ("desk", "routing", "portal", "email", "api", "rest")
# Attempts are counted; the wall's picture is kept for the others who look; a session is a session.
KEPT_BY_READING = ("tickets_ratebucket", "metrics_wallsnapshot", "django_session")
NEEDS_NO_TOKEN = (
    "api",
    "metrics_api",
    "routing_api",
    "schema",
    "webhook",
    "email:webhook",
    "email:tracking",
    "chat:frames",
)


@pytest.fixture
def here(cast) -> World:
    return world.build(cast)


def own(area: str) -> list[Route]:
    """Return the routes of an area of ours."""
    routes = [route for route in asking.routes() if not route[0].startswith("admin:")]
    return [route for route in routes if _area_of(route[0]) == area]


def _area_of(name: str) -> str:
    first = name.partition(":")[0].removesuffix("_api")
    return "api" if name.partition(":")[0].endswith("api") else first if first in AREAS else "rest"


def test_every_route_has_a_row():
    names = {name for name, _path, _pattern in asking.routes() if not name.startswith("admin:")}
    assert names == ROWS.keys()


def test_every_table_of_the_settings_has_a_row():
    assert {f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry} == TABLES.keys()


@pytest.mark.parametrize("area", AREAS)
def test_a_route_opens_for_those_in_its_row_alone(here, area):
    wrong = {}
    for route in own(area):
        row = ROWS[route[0]]
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if area == "api" else ("GET", "POST"):
            expected = _of(getattr(row, method.lower()), route[0])
            found = asking.opens_for(here, route, method)
            if found != expected:
                wrong[f"{method} {route[0]}"] = (
                    f"opens for {found or 'nobody'}, not for {expected or 'nobody'}"
                )
    assert wrong == {}


def test_tables_of_the_settings_open_for_those_in_their_row_alone(here):
    wrong = {}
    for route in asking.routes():
        name, _path, _pattern = route
        table, _line, page = name.removeprefix("admin:").rpartition("_")
        if name in OF_THE_SETTINGS:
            expected = OF_THE_SETTINGS[name]
        elif (
            name.startswith("admin:")
            and table in TABLES
            and page in ("changelist", "change", "add", "delete")
        ):
            row = TABLES[table]
            expected = {"add": row.add, "delete": row.delete}.get(page, row.see)
        else:
            continue
        found = asking.opens_for(here, route, "GET")
        if found != _of(expected, name) and not (found == "visitor" and name == "admin:logout"):
            wrong[name] = f"opens for {found or 'nobody'}, not for {expected or 'nobody'}"
    assert wrong == {}


def test_reading_changes_nothing(here):
    written = {}
    for route in asking.routes():
        name, path, _pattern = route
        statements = _written_by_reading(here, "/" + path.format(**here.arguments(name)))
        if statements:
            written[name] = statements
    assert written == {}


def test_nothing_is_done_without_the_pages_own_token(here):
    open_to_others = []
    for name, path, _pattern in asking.routes():
        if name.startswith(("admin:", *NEEDS_NO_TOKEN)) or not ROWS[name].post:
            continue
        client = Client(enforce_csrf_checks=True)
        client.cookies.load(here.cookies["dana" if "dana" in ROWS[name].post.split() else "admin"])
        if client.post("/" + path.format(**here.arguments(name))).status_code != 403:
            open_to_others.append(name)
    assert open_to_others == []


def _of(row: str, name: str) -> str:
    """Return those of a row whom this route is asked as, in the order of asking."""
    wanted = row.split()
    return " ".join(role for role in asking.roles_for(name) if role in wanted)


def _written_by_reading(here: World, address: str) -> list[str]:
    found: list[str] = []

    def note(execute, sql, *rest):
        verb = str(sql).split(maxsplit=1)[0].upper()
        if verb in ("INSERT", "UPDATE", "DELETE") and not any(table in str(sql) for table in KEPT_BY_READING):
            found.append(" ".join(str(sql).split())[:80])
        return execute(sql, *rest)

    client = Client(raise_request_exception=False)
    client.cookies.load(here.cookies["admin"])
    with transaction.atomic():
        with connection.execute_wrapper(note):
            client.get(address)
        transaction.set_rollback(True)
    return found

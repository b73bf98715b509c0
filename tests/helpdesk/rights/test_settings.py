"""What a supervisor learns of other queues from the settings: by lists, filters, orders, forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.http import HttpResponse
from django.test import Client

from tests import make
from tests.helpdesk.rights.hidden import CANARY, Hidden
from tests.helpdesk.rights.rows import TABLES
from tests.helpdesk.rights.world import World

pytestmark = pytest.mark.django_db
REFUSED = (302, 400)
TEXTS = (models.CharField, models.TextField, models.GenericIPAddressField, models.UUIDField)
LOOKED_AT = [
    model for model in admin.site._registry
    if "carol" in TABLES[f"{model._meta.app_label}_{model._meta.model_name}"].see
]  # fmt: skip
# Rows that belong to every queue, and people, whose names stand on tickets.
OF_ALL = ("calendar", "motive", "tag", "skill", "company", "organisation", "article")


def named(model: type[models.Model]) -> str:
    return str(model._meta.model_name)


def address(model: type[models.Model], page: str = "") -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{page}"


@pytest.fixture
def carol(scene: tuple[World, Hidden]) -> Client:
    """Return the browser of somebody who supervises other queues."""
    client = Client(raise_request_exception=False)
    client.cookies.load(scene[0].cookies["carol"])
    return client


@pytest.mark.parametrize("model", LOOKED_AT, ids=named)
def test_a_list_names_no_hidden_row(carol, model):
    columns = range(1, len(admin.site._registry[model].list_display) + 2)
    searches = [f"?q={CANARY}", "?q=zora", "?all=1", *(f"?o=-{number}" for number in columns)]
    shown = {query: _canary_in(carol.get(address(model) + query), query) for query in ("", *searches)}
    assert {query: text for query, text in shown.items() if text} == {}


@pytest.mark.parametrize("model", LOOKED_AT, ids=named)
def test_a_form_names_no_hidden_row(carol, model):
    found = {}
    for page in _pages(carol, model):
        answer = carol.get(address(model, page))
        if text := _canary_in(answer):
            found[page] = text
        found |= {f"{page} {name}": rows for name, rows in _hidden_choices(answer)}
    assert found == {}


@pytest.mark.parametrize("model", LOOKED_AT, ids=named)
def test_a_list_is_not_filtered_by_what_it_does_not_show(carol, scene, model):
    """A filter that is answered tells a secret letter by letter."""
    telling = []
    for path, value in _unseen_fields(model, carol):
        right, wrong = (
            carol.get(address(model), {f"{path}__startswith": text}) for text in (value, f"~{value}~")
        )
        if right.status_code not in REFUSED or right.status_code != wrong.status_code:
            telling.append(path)
    assert telling == []


@pytest.mark.parametrize("model", LOOKED_AT, ids=named)
def test_a_completed_field_offers_no_hidden_row(carol, model):
    found = {}
    for owner in (model, *(inline.model for inline in admin.site._registry[model].inlines)):
        for field in owner._meta.get_fields():
            if isinstance(field, models.ForeignKey):
                asked = {"app_label": owner._meta.app_label, "model_name": owner._meta.model_name}
                answer = carol.get("/admin/autocomplete/", {**asked, "field_name": field.name, "term": ""})
                assert answer.status_code < 500
                if text := _canary_in(answer):
                    found[f"{owner.__name__}.{field.name}"] = text
    assert found == {}


def test_a_supervisor_plans_no_shift_for_somebody_they_do_not_supervise(carol, scene):
    _world, hidden = scene
    before = hidden.fingerprint()
    planned = {"starts_0": "2031-01-01", "starts_1": "08:00", "ends_0": "2031-01-01", "ends_1": "12:00"}
    answers = [
        carol.post("/admin/routing/shift/add/", {**planned, "agent": agent})
        for agent in hidden.pairs["agent"]
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert hidden.fingerprint() == before


def test_a_supervisor_makes_an_agent_only_of_people_they_supervise(carol):
    fields = {"works_from": "home", "time_zone": "UTC", "schedule": "free", "chat_limit": 1, "places": 1}
    sets = ("skills", "patterns", "leaves")
    forms = {f"{name}-{part}_FORMS": 0 for name in sets for part in ("TOTAL", "INITIAL")}
    outsider = make.user(f"{CANARY}.outside")
    answer = carol.post("/admin/routing/agent/add/", {**fields, **forms, "user": outsider.pk})
    assert answer.status_code == 200
    assert not hasattr(type(outsider).objects.get(pk=outsider.pk), "agent")


def _pages(client: Client, model: type[models.Model]) -> list[str]:
    rows = admin.site._registry[model].get_queryset(_request(client))
    return ["add/", *(f"{row.pk}/change/" for row in rows[:2])]


def _request(client: Client) -> Any:
    return client.get("/admin/").wsgi_request


def _canary_in(answer: HttpResponse, given: str = "") -> str:
    assert answer.status_code < 500
    text = re.sub(rf"q(=|%3d){CANARY}|value=\"{CANARY}\"", "", answer.content.decode().casefold())
    place = text.find(CANARY)
    return text[max(0, place - 60) : place + 60] if place >= 0 else ""


def _hidden_choices(answer: HttpResponse) -> Iterator[tuple[str, list[str]]]:
    """Give the fields of a settings page that would take a hidden row, with those rows."""
    context = getattr(answer, "context_data", None) or {}
    if not context.get("has_change_permission"):
        return  # nothing is taken here
    forms = [context["adminform"].form] if "adminform" in context else []
    for inline in context.get("inline_admin_formsets", ()):
        forms += [*inline.formset.forms, inline.formset.empty_form]
    for form in forms:
        for name, field in form.fields.items():
            choices = getattr(field, "queryset", None)
            if name != "id" and choices is not None and choices.model._meta.model_name not in OF_ALL:
                rows = [str(row) for row in choices if _is_hidden(row)]
                if rows:
                    yield f"{form.prefix or ''} {name}", rows


def _is_hidden(row: Any) -> bool:
    texts = [str(row), *(str(getattr(row, name, "")) for name in ("slug", "name", "email", "user"))]
    return any(CANARY in text.casefold() for text in texts) or getattr(row, "slug", "") == "legal"


def _unseen_fields(model: type[models.Model], client: Client) -> Iterator[tuple[str, str]]:
    """Give the fields that a list and its pages do not show, one's own and those of related rows."""
    owner = admin.site._registry[model]
    shown = {*owner.list_display, *(f for f in owner.list_filter if isinstance(f, str)), *owner.search_fields}
    form = getattr(owner, "form", None)
    shown |= set(owner.fields or ()) | set(getattr(form, "base_fields", ()) or ())
    if not owner.fields and not getattr(form, "base_fields", None):
        shown |= {field.name for field in model._meta.fields if field.editable} - set(owner.exclude or ())
    rows = owner.get_queryset(_request(client))
    for field in model._meta.concrete_fields:
        if field.name not in shown and isinstance(field, TEXTS):
            yield from _with_value(rows, field.name)
        if isinstance(field, models.ForeignKey):
            for other in field.related_model._meta.concrete_fields:
                path = f"{field.name}__{other.name}"
                if isinstance(other, TEXTS) and path not in shown:
                    yield from _with_value(rows, path)


def _with_value(rows: models.QuerySet[Any], path: str) -> Iterator[tuple[str, str]]:
    for value in rows.order_by("pk").values_list(path, flat=True)[:20]:
        if value:
            yield path, str(value)[:3]
            return

"""The settings pages, the administrator's and the supervisor's, opened one after another."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils.functional import Promise

from routing.models import Agent
from tests import make
from tickets.models import ApiKey, Mailbox


@pytest.fixture
def sections(cast):
    """Return a function that gives the headings and entries that somebody sees."""

    def seen(name: str) -> dict[str, list[str]]:
        client = Client()
        client.force_login(getattr(cast, name))
        shown = client.get("/admin/").context["app_list"]
        return {str(section["name"]): [m["object_name"] for m in section["models"]] for section in shown}

    return seen


def test_an_administrator_finds_everything_under_a_heading(sections):
    seen = sections("admin")
    assert list(seen) == [
        "Queues",
        "People",
        "Channels",
        "Templates",
        "Business hours",
        "Routing",
        "Customers",
        "Metrics",
        "Log",
    ]
    assert sum(len(entries) for entries in seen.values()) == len(admin.site._registry)


def test_a_supervisor_finds_what_their_queues_live_by(sections):
    seen = sections("carol")
    assert "Log" not in seen
    assert seen["Templates"] == ["Macro", "Signature", "MailText", "Article"]
    assert seen["People"] == ["Agent"]


def test_an_agent_finds_nothing_to_set(sections):
    assert sections("alice") == {}


def test_what_proves_who_somebody_is_cannot_be_edited():
    foreign = {model._meta.app_label for model in admin.site._registry}
    assert foreign <= {"tickets", "routing", "metrics", "accounts", "helpdesk"}


def test_what_a_key_may_do_is_ticked(client, cast):
    client.force_login(cast.admin)
    client.post(
        reverse("admin:tickets_apikey_add"),
        {"user": cast.alice.pk, "name": "Shop", "scopes": ["read"], "expires_at_0": "", "expires_at_1": ""},
    )
    assert ApiKey.objects.values_list("name", "scopes").get() == ("Shop", ["read"])


@pytest.mark.parametrize(
    ("slug", "told"),
    [("chat", "/widget.js&quot; data-key=&quot;"), ("phone", "/channels/phone/"), ("web", "/request/")],
)
def test_a_channel_tells_what_to_copy_to_the_other_side(client, cast, slug, told):
    channel = make.channel(slug, cast.orders)
    client.force_login(cast.admin)
    page = client.get(reverse("admin:tickets_channel_change", args=[channel.pk])).content.decode()
    assert told in page.partition("how to connect it".capitalize())[2]


def _shown(one: Any, request: HttpRequest) -> list[Any]:
    """Return the fields that the settings show of a model: columns, filters and form."""
    fields = {field.name: field for field in one.model._meta.fields}
    names: list[Any] = flatten_fieldsets(one.get_fieldsets(request))
    if isinstance(one, admin.ModelAdmin):
        filters = [each[0] if isinstance(each, tuple) else each for each in one.get_list_filter(request)]
        names += [*one.get_list_display(request), *filters]
    return [fields[name] for name in names if name in fields]


def test_every_field_of_the_settings_has_a_name_in_both_languages(rf, cast):
    request, shown = rf.get("/admin/"), []
    request.user = cast.admin
    for model, one in admin.site._registry.items():
        if model is not Mailbox:  # has pages of its own
            shown += _shown(one, request)
            shown += [
                field for inline in one.get_inline_instances(request) for field in _shown(inline, request)
            ]
    assert not [field for field in shown if not isinstance(field.verbose_name, Promise)]


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_no_column_of_the_settings_is_a_number_without_a_name(rf, cast, model):
    request, one = rf.get("/admin/"), admin.site._registry[model]
    request.user = cast.admin
    names = {field.name for field in model._meta.fields}
    assert not [name for name in one.get_list_display(request) if name.endswith("_id") and name not in names]


def test_no_two_fields_of_an_agent_have_the_same_name(rf, cast):
    request = rf.get("/admin/")
    request.user = cast.admin
    names = [str(field.verbose_name) for field in _shown(admin.site._registry[Agent], request)]
    assert len(set(names)) == len(set(_shown(admin.site._registry[Agent], request)))

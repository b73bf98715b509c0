"""The settings pages, the administrator's and the supervisor's, opened one after another."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tickets.models import ApiKey


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
        "Texts",
        "Hours",
        "Routing",
        "Customers",
        "Metrics",
        "Log",
    ]
    assert sum(len(entries) for entries in seen.values()) == len(admin.site._registry)


def test_a_supervisor_finds_what_their_queues_live_by(sections):
    seen = sections("carol")
    assert "Log" not in seen
    assert seen["Texts"] == ["Macro", "Signature", "MailText", "Article"]
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

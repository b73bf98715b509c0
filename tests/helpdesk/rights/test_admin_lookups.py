"""The lists of the settings answer the filters beside them, and no other question about a row."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.helpdesk.rights import world
from tickets.models import Macro, MailText

LISTS = [model for model in admin.site._registry if model._meta.model_name != "mailbox"]
ANEW = re.compile(r'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": ?"[^"]*"')
ENDINGS = ("", "__exact", "__startswith", "__contains", "__gt", "__isnull", "__in", "__regex")


@pytest.fixture
def here(cast):
    logging.disable(logging.CRITICAL)
    yield world.build(cast)
    logging.disable(logging.NOTSET)


def address(model, page="changelist"):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


def declared(model) -> set[str]:
    given: list[Any] = list(admin.site._registry[model].list_filter)
    return {one if isinstance(one, str) else one[0] for one in given}


def paths(model, steps=3):
    """Go through the fields of a model and of those it leads to, two steps deep."""
    for field in model._meta.get_fields():
        name = getattr(field, "related_query_name", None) if field.auto_created else None
        name = name() if callable(name) else field.name
        yield name
        if steps > 1 and field.is_relation and field.related_model not in (None, "self"):
            related = field.related_model
            inner = related._meta.concrete_fields if steps == 2 else related._meta.get_fields()
            for other in inner:
                if not other.auto_created or other.concrete:
                    yield f"{name}__{other.name}"
                    if other.is_relation and other.related_model is not None and steps == 3:
                        for last in other.related_model._meta.concrete_fields:
                            yield f"{name}__{other.name}__{last.name}"


def test_no_list_answers_a_lookup_that_is_not_declared(here, rf):
    request, wrong, asked = rf.get("/"), [], 0
    request.user = here.cast.carol
    for model in LISTS:
        settings = admin.site._registry[model]
        for path in set(paths(model)):
            if path.removesuffix("__id") in declared(model):
                continue
            for ending in ENDINGS:
                asked += 1
                if settings.lookup_allowed(path + ending, "x", request):
                    wrong.append(f"{model.__name__} {path}{ending}")
    assert (wrong, asked > 10_000) == ([], True)


@pytest.mark.parametrize("person", ["carol", "admin"])
def test_hit_and_miss_of_a_lookup_look_alike(here, person):
    client = Client()
    client.force_login(getattr(here.cast, person))
    secret = here.cast.chat.secret
    for lookup in (
        "secret__startswith",
        "previous_secret__isnull",
        "queue__memberships__user__password__contains",
    ):
        asked = (secret[:3], "zzzzz")
        answers = [client.get(address(type(here.cast.chat)), {lookup: v}) for v in asked]
        assert [answer.status_code for answer in answers] == [400, 400]
        assert (
            len({ANEW.sub("", answer.text).replace(v, "") for answer, v in zip(answers, asked, strict=True)})
            == 1
        )


def test_every_declared_filter_works(here):
    client = Client()
    client.force_login(here.cast.admin)
    broken = []
    for model in LISTS:
        page = client.get(address(model))
        for link in set(re.findall(r'href="(\?[^"]*=[^"]*)"', page.text)):
            answer = client.get(address(model) + link.replace("&amp;", "&"))
            if answer.status_code != 200:
                broken.append((model.__name__, link, answer.status_code))
    assert broken == []


@pytest.mark.parametrize(
    "query",
    ["o=99", "o=-99.1", "o=secret", "_to_field=secret", "_to_field=password", "at__year=2026", "e=1", "p=-1",
     "p=99999999999999999999", "all=", "_popup=1&_to_field=secret", "q=%00", "_facets=True", "queue=999"],
)  # fmt: skip
def test_other_parameters_of_a_list_tell_nothing(here, query):
    client = Client(raise_request_exception=False)
    client.force_login(here.cast.carol)
    for model in LISTS:
        answer = client.get(f"{address(model)}?{query}")
        assert answer.status_code in (200, 302, 400, 403), (model, query)
        assert here.cast.chat.secret not in answer.text


def test_completion_offers_only_what_the_person_sees(here):
    client = Client(raise_request_exception=False)
    client.force_login(here.cast.carol)
    told = []
    for model, settings in admin.site._registry.items():
        for name in settings.autocomplete_fields or [f.name for f in model._meta.fields if f.is_relation]:
            asked = {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": name,
            }
            for term in ("", "mallory", "legal"):
                answer = client.get(reverse("admin:autocomplete"), {**asked, "term": term})
                if answer.status_code == 200 and re.search("mallory|legal", answer.text.lower()):
                    told.append((model.__name__, name, term))
                assert answer.status_code in (200, 403, 404)
    assert told == []


def test_filters_by_queue_name_ones_own_queues(here):
    client = Client()
    client.force_login(here.cast.carol)
    for name in ("one", "two"):
        Macro.objects.create(name_en=name, name_fr=name, text_en="x", text_fr="x", queue=here.cast.orders)
    for model in (Macro, MailText):
        assert "Legal" not in client.get(address(model)).text

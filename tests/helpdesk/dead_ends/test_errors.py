"""An error page leads to a person: each template of one, and each error as a browser meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.http import Http404
from django.shortcuts import render
from django.template.loader import render_to_string
from django.test import RequestFactory

from tests.helpdesk.dead_ends import site as sites
from tests.helpdesk.dead_ends.page import Page
from tickets.errors import DomainError, NotFound, TooLarge, TooMany
from tickets.hours import wording as opening_words
from tickets.hours.business_time import Hours
from tickets.models import Channel
from tickets.portal import help as start
from tickets.portal import sending
from tickets.promises import expectation

pytestmark = pytest.mark.django_db

TEMPLATES = sorted(path.name for path in (Path(settings.BASE_DIR) / "helpdesk/templates").glob("[45]*.html"))
WRONG = [Http404(), PermissionDenied(), BadRequest(), NotFound(), TooMany(), TooLarge(), DomainError()]


@pytest.fixture
def in_french(site):
    return site.browser("fr", raise_request_exception=False)


def is_way_out(page: Page) -> bool:
    return page.is_to_a_person or sites.request_form() in page.links


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_error_page_leads_to_a_person(site, name):
    page = Page(render(RequestFactory().get("/nowhere/"), name).content.decode())
    assert page.is_to_a_person or "5" in name
    assert is_way_out(page)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_error_page_leads_to_a_person_where_nothing_can_be_looked_up(name):
    assert is_way_out(Page(render_to_string(name)))


@pytest.mark.parametrize("error", WRONG, ids=lambda error: type(error).__name__)
def test_every_refusal_leads_to_a_person(site, in_french, monkeypatch, error):
    def refuse(*_args: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(expectation, "expect_for_queue", refuse)
    response = in_french.get("/")
    assert 400 <= response.status_code < 500
    assert is_way_out(Page(response.content.decode()))


@pytest.mark.parametrize(
    "address", ["/nowhere/", "/help/nowhere/", "/r/wrong/", "/s/wrong/", "/chat/?key=wrong"]
)
def test_a_wrong_address_leads_to_a_person(site, in_french, address):
    response = in_french.get(address)
    assert response.status_code == 404
    assert Page(response.content.decode()).is_to_a_person


def test_whoever_tries_many_links_is_led_to_a_person(site, in_french):
    answers = [in_french.get(f"/r/wrong{n}/") for n in range(31)]
    assert answers[-1].status_code == 429
    assert Page(answers[-1].content.decode()).is_to_a_person


def test_what_only_takes_forms_answers_a_browser_with_a_page(site, in_french):
    response = in_french.get(f"/requests/{site.ticket.public_id}/solved/")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert Page(response.content.decode()).is_to_a_person


def test_our_own_fault_tells_the_addresses_known_before(site, in_french, monkeypatch):
    in_french.get("/")
    monkeypatch.setattr(sending, "load_channels", _away)
    monkeypatch.setattr(start, "database_now", _away)
    response = in_french.get("/")
    assert response.status_code == 500
    assert f"mailto:{site.cast.mailbox.address}" in Page(response.content.decode()).links


def test_nothing_is_said_of_customers_ways_to_who_works_here(site):
    client = site.browser("en")
    client.force_login(site.cast.alice)
    assert not Page(client.get("/admin/desk/nowhere/").content.decode()).is_to_a_person


@pytest.mark.parametrize("hours", ["We are here", "Nobody is here right now. We are here"])
def test_a_page_says_when_people_are_here(site, monkeypatch, hours):
    is_open = hours.startswith("We")
    monkeypatch.setattr(opening_words, "describe_hours", lambda _calendar: "Monday to Friday 9:00–17:00")
    monkeypatch.setattr(Hours, "is_open", lambda *_args: is_open)
    assert f"{hours} Monday to Friday 9:00–17:00." in site.browser("en").get("/nowhere/").content.decode()


def test_a_number_that_customers_can_call_is_on_each_page(site):
    Channel.objects.filter(slug="phone").update(options={"number": "+33 1 23 45 67 89"})
    links = Page(site.browser("en").get("/nowhere/").content.decode()).links
    assert "tel:+33123456789" in links


def test_what_is_no_number_is_not_offered(site):
    Channel.objects.filter(slug="phone").update(options={"number": "ask for Alice"})
    assert "tel:" not in site.browser("en").get("/nowhere/").content.decode()


def _away(*_args: object, **_more: object) -> None:
    raise OperationalError("The database is away.")

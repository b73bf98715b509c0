"""From every page of the customers a person is one click away, at most: pages are found by the addresses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from metrics.models import Survey
from tests.helpdesk.dead_ends import site as sites
from tests.helpdesk.dead_ends.page import Page
from tests.helpdesk.dead_ends.site import Site
from tickets.clock import database_now
from tickets.models import Channel

pytestmark = pytest.mark.django_db

ROUTES = sites.customers_routes()


def forms_only() -> None:
    Channel.objects.exclude(slug="web").update(is_active=False)


def mail_only() -> None:
    Channel.objects.exclude(slug="email").update(is_active=False)


def surveys_over() -> None:
    Survey.objects.update(expires_at=database_now())


def dead_ends(site: Site, language: str, *, guest: bool) -> Iterator[tuple[str, str, int]]:
    """Yield method, address and status of each page from which a person is far."""
    known: dict[str, bool] = {}
    for name, path in ROUTES.items():
        for address in site.addresses(name, path, language=language):
            for method in ("get", "post"):
                client = site.browser(language, guest=guest and "{" in path)
                response = getattr(client, method)(address, follow=True)
                if not sites.is_page(response):
                    assert response.status_code in (200, 204), (method, address, response.status_code)
                elif not sites.is_person_near(client, Page(response.content.decode()), known):
                    yield method, address, response.status_code


@pytest.mark.parametrize("guest", [False, True])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_person_is_one_click_away(site, language, guest):
    assert list(dead_ends(site, language, guest=guest)) == []


@pytest.mark.parametrize("installation", [forms_only, mail_only, surveys_over])
def test_a_person_is_one_click_away_by_the_doors_that_are_open(site, installation):
    installation()
    assert list(dead_ends(site, "en", guest=True)) == []


@pytest.mark.parametrize("score", ["1", "7"])
def test_an_answered_survey_leads_to_a_person(site, score):
    client = site.browser("en")
    address = next(site.addresses("survey:answer", ROUTES["survey:answer"], language="en"))
    response = client.post(address, {"score": score, "comment": "call me"}, follow=True)
    page = Page(response.content.decode())
    assert sites.request_form() in page.links
    answered = next(form for form in page.forms if form.action == sites.request_form())
    assert answered.data()["text"] == "call me"
    for address in (sites.request_form(), "/callback/"):
        filled = Page(client.post(address, answered.data()).content.decode())
        assert any(
            one.name == "text" and one.value == "call me" for form in filled.forms for one in form.typed
        )

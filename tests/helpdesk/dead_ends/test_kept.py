"""What somebody typed is taken in, or stands on the next page: whatever happens to the form on its way.

The forms are those that the pages show. A page that could not take words in has a button to go on with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from metrics.models import Survey
from tests.helpdesk.dead_ends import site as sites
from tests.helpdesk.dead_ends.page import Form, Page, path_of
from tests.helpdesk.dead_ends.site import Site
from tickets.clock import database_now
from tickets.errors import TooMany
from tickets.limits import rate_limits
from tickets.models import AccessLink, Channel
from tickets.portal import sending

pytestmark = pytest.mark.django_db

ROUTES = sites.customers_routes()
ENDING = ("/s/", "/requests/")  # pages behind a link that ends
EXAMPLES = {"email": "zebra@petit.example", "tel": "+33 6 12 34 56 78"}


@dataclass(frozen=True)
class Found:
    """A form in which somebody types: the page it is on, who sees it, and where it is sent."""

    page: str
    guest: bool
    action: str
    names: tuple[str, ...]

    def open(self, site: Site) -> tuple[Client, Form]:
        """Return the form in a new browser."""
        client = site.browser("en", guest=self.guest, enforce_csrf_checks=True, raise_request_exception=False)
        forms = shown(client.get(self.page, follow=True)).forms
        return client, next(form for form in forms if self.names == _names(form))


def _names(form: Form) -> tuple[str, ...]:
    return (form.method, *(one.name for one in form.typed))


def forms_on(site: Site, address: str, *, guest: bool) -> Iterator[Found]:
    response = site.browser("en", guest=guest).get(address, follow=True)
    if sites.is_page(response):
        at = response.redirect_chain[-1][0] if response.redirect_chain else address
        for form in Page(response.content.decode()).forms:
            if form.typed and form.method in ("get", "post"):
                yield Found(address, guest, path_of(form.action or at), _names(form))


@pytest.fixture(scope="module")
def forms(site: Site, django_db_blocker: Any) -> list[Found]:
    """Return every form of the customers' pages once."""
    found: dict[tuple[str, ...], Found] = {}
    with django_db_blocker.unblock():
        for name, path in ROUTES.items():
            address = next(site.addresses(name, path, language="en"))
            for guest in (False, True):
                for form in forms_on(site, address, guest=guest):
                    found.setdefault((form.action, *form.names), form)
    return list(found.values())


def fill(form: Form) -> dict[str, str]:
    """Write something of its own into each field; return what is sent."""
    data = form.data()
    for place, one in enumerate(form.typed):
        data[one.name] = EXAMPLES.get(one.kind, f"zebra {place} of {one.name}")
    return data


def typed(form: Form, data: dict[str, str]) -> list[str]:
    return [data[one.name] for one in form.typed]


def shown(response: Any) -> Page:
    assert sites.is_page(response), response.headers
    return Page(response.content.decode())


def too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise TooMany

    for name in ("enforce_limit", "enforce_limits"):
        monkeypatch.setattr(rate_limits, name, refuse)


def closed(monkeypatch: pytest.MonkeyPatch) -> None:
    Channel.objects.filter(slug="web").update(is_active=False)


def link_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    AccessLink.objects.update(revoked_at=database_now())
    Survey.objects.update(expires_at=database_now())


def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise RuntimeError("A fault of ours.")

    for name in ("receive_request", "receive_callback", "receive_reply"):
        monkeypatch.setattr(sending, name, fail)


MISHAPS = [too_often, closed, link_ended, broken]


def lost(client: Client, address: str, form: Form, data: dict[str, str]) -> list[str]:
    """Send a form and return what is neither taken in nor on the page that answers."""
    method = client.post if form.method == "post" else client.get
    page = shown(method(address, data, follow=True))
    return [value for value in typed(form, data) if not page.holds(value) and not sites.is_stored(value)]


def test_the_forms_are_found(forms):
    assert {one.action for one in forms} >= {"/help/", "/request/", "/callback/", "/requests/"}
    assert len(forms) >= 7


def test_a_form_that_is_sent_loses_nothing(site, forms):
    for one in forms:
        client, form = one.open(site)
        assert lost(client, one.action, form, fill(form)) == [], one


@pytest.mark.parametrize("mishap", [too_often, closed, link_ended, broken])
def test_a_form_that_is_not_taken_in_loses_nothing(site, forms, mishap, monkeypatch):
    opened = [(one, *one.open(site)) for one in forms]
    mishap(monkeypatch)
    for one, client, form in opened:
        assert lost(client, one.action, form, fill(form)) == [], one


def test_a_form_without_its_token_is_kept_and_goes_on(site, forms):
    for one in forms:
        client, form = one.open(site)
        data = {key: value for key, value in fill(form).items() if key != "csrfmiddlewaretoken"}
        if form.method == "get":
            continue
        page = shown(client.post(one.action, data, follow=True))
        assert [value for value in typed(form, data) if not page.holds(value)] == [], one
        onward = next(other for other in page.forms if "carried" in other.data())
        filled = shown(client.post(onward.action, onward.data(), follow=True))
        fields = [field.value for again in filled.forms for field in again.typed]
        assert [value for value in typed(form, data) if value not in fields] == [], one


def test_a_form_with_something_wrong_in_it_keeps_the_rest(site, forms):
    for one in forms:
        client, form = one.open(site)
        if "email" in one.names:
            assert lost(client, one.action, form, fill(form) | {"email": "nobody at all"}) == [], one


def test_what_was_typed_goes_along_into_the_other_language(site, forms):
    for one in forms:
        client, form = one.open(site)
        page = shown(client.get(one.page, follow=True))
        if form.method == "get" or "fr" not in page.languages:
            continue
        typed_form, address = page.languages["fr"]
        assert typed_form == form.id, one
        again = shown(client.post(address, fill(form) | {"language": "fr"}, follow=True))
        assert [value for value in typed(form, fill(form)) if not again.holds(value)] == [], one
        assert 'lang="fr"' in again.text
        assert not any(sites.is_stored(value) for value in typed(form, fill(form)))


def test_words_on_an_ended_page_go_on_to_the_form(site, forms, monkeypatch):
    ended = [
        (one, *one.open(site))
        for one in forms
        if one.action.startswith(ENDING) and one.action != "/requests/"
    ]
    assert len(ended) > 2
    link_ended(monkeypatch)
    for one, client, form in ended:
        page = shown(client.post(one.action, fill(form), follow=True))
        onward = next(other for other in page.forms if other.action == sites.request_form())
        filled = shown(client.post(onward.action, onward.data()))
        assert filled.holds(typed(form, fill(form))[-1]), one


@pytest.mark.parametrize("words", ["zebra stripes", 'a "b" & <c>'])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_words_of_a_search_go_along_to_every_way_to_a_person(site, language, words):
    client = site.browser(language)
    page = shown(client.get("/help/", {"q": words}))
    ways = [
        link for link in page.links if link.startswith(("/request/?", "/callback/?", "/chat/?", "mailto:"))
    ]
    assert len({link.partition("?")[0].partition(":")[0] for link in ways}) == 4
    for link in ways:
        if link.startswith("mailto:"):
            assert quote(words, safe="") in link.replace("%2F", "/")
        else:
            assert _begins_with(client.get(path_of(link)).content.decode(), words), link


def _begins_with(text: str, words: str) -> bool:
    page = Page(text)
    return any(one.value == words for form in page.forms for one in form.typed) or page.draft == words


def test_words_of_a_search_go_along_by_way_of_an_answer(site):
    client = site.browser("en")
    page = shown(client.get("/help/", {"q": "photo"}))
    answer = next(link for link in page.links if link.startswith("/help/lamps/"))
    links = shown(client.get(answer)).links
    assert "/request/?q=photo" in links

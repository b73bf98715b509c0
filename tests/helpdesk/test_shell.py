"""The frame of every page: who sees which areas, the switches, and the error pages."""

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from tests.cast import Cast


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_style_page_shows_each_surface(cast: Cast):
    client = signed_in(cast.admin)
    for surface in ("components", "desk", "portal", "wall", "report", "entrance"):
        assert client.get(reverse("style_page", args=[surface])).status_code == 200


def test_an_unknown_surface_is_not_found(cast: Cast):
    assert signed_in(cast.admin).get("/admin/style/nonsense/").status_code == 404


def test_a_stranger_does_not_see_the_style_page(db):
    assert Client().get("/admin/style/").status_code == 302


def test_a_visitor_chooses_a_language_and_comes_back(db):
    client = Client()
    response = client.post("/preferences/", {"language": "fr", "next": "/accounts/login/"})
    assert response.headers["Location"] == "/accounts/login/"
    assert '<html lang="fr"' in client.get("/accounts/login/").content.decode()


def test_a_signed_in_persons_language_is_kept_on_the_account(cast: Cast):
    signed_in(cast.alice).post("/preferences/", {"language": "fr"})
    cast.alice.refresh_from_db()
    assert cast.alice.language == "fr"


def test_a_theme_is_on_the_page_from_its_first_byte(cast: Cast):
    client = signed_in(cast.admin)
    client.post("/preferences/", {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/admin/style/").content.decode()
    assert 'class="theme-dark' in client.get("/admin/").content.decode()


@pytest.mark.parametrize("value", ["purple", '"><script>', "auto"])
def test_an_unknown_theme_changes_nothing(db, value: str):
    client = Client()
    client.post("/preferences/", {"theme": value})
    client.cookies["theme"] = value
    assert "data-theme" not in client.get("/accounts/login/").content.decode()


def test_the_way_back_never_leaves_the_site(db):
    response = Client().post("/preferences/", {"language": "fr", "next": "https://evil.example/"})
    assert response.headers["Location"] == "/"


def test_an_agent_is_not_shown_the_supervisors_areas(cast: Cast):
    page = signed_in(cast.alice).get("/accounts/2fa/").content.decode()
    assert "Wallboard" not in page
    assert "Settings</a>" not in page


@pytest.mark.parametrize("name", ["500.html", "503.html"])
def test_our_own_failures_speak_both_languages_without_request_or_database(name: str):
    page = render_to_string(name)
    assert 'lang="fr"' in page
    assert "Tandem" in page


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "429.html"])
def test_an_error_page_says_what_to_do_even_without_a_request(name: str):
    assert "<h1>" in render_to_string(name)


def test_a_missing_page_is_in_our_look(db):
    response = Client().get("/nowhere/")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


def test_no_page_of_the_shell_carries_an_inline_style_or_handler(cast: Cast):
    client = signed_in(cast.admin)
    for path in ("/admin/", "/admin/style/", "/admin/style/desk/", "/accounts/2fa/", "/accounts/login/"):
        page = client.get(path, follow=True).content.decode()
        assert " style=" not in page
        assert " onclick=" not in page

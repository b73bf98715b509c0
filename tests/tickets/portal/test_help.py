"""The FAQ: found by words, in both languages, with a person one click away."""

import pytest
from django.urls import reverse

from tickets.models import Article


@pytest.fixture
def articles(db):
    rows = [
        ("refund", "When do I get my refund?", "Quand suis-je remboursé ?", "Five days.", "Cinq jours."),
        ("lamp", "My lamp broke", "Ma lampe est arrivée cassée", "Send us a photo.", "Envoyez une photo."),
        ("only-en", "Do you ship to Ireland?", "", "Yes, we do.", ""),
    ]  # fmt: skip
    return [
        Article.objects.create(slug=s, name_en=en, name_fr=fr, text_en=t_en, text_fr=t_fr, position=n)
        for n, (s, en, fr, t_en, t_fr) in enumerate(rows)
    ]


def search(client, words, language="en"):
    response = client.get(reverse("portal:help"), {"q": words}, headers={"accept-language": language})
    assert response.status_code == 200
    return [article.slug for article in response.context["articles"]]


def test_all_questions_are_listed(articles, client):
    assert search(client, "") == ["refund", "lamp", "only-en"]


def test_words_find_their_article_in_any_form(articles, client):
    assert search(client, "photos lamps") == ["lamp"]


def test_accents_do_not_matter(articles, client):
    assert search(client, "rembourse", "fr") == ["refund"]


def test_the_other_language_is_searched_too(articles, client):
    assert search(client, "cassée", "en") == ["lamp"]


@pytest.mark.parametrize("words", ["'; DROP TABLE", "\x00", "a & | !", '"', "x" * 5000, "(((("])
def test_odd_words_are_no_error(articles, client, words):
    search(client, words)


def test_nothing_found_leads_to_a_person(articles, client):
    text = client.get(reverse("portal:help"), {"q": "zeppelin"}).text
    assert "Contact us: a person will answer." in text


def test_answer_in_the_other_language_says_which_it_is(articles, client):
    response = client.get(reverse("portal:article", args=["only-en"]), headers={"accept-language": "fr"})
    assert '<div class="answer" lang="en">' in response.text


def test_every_page_has_a_person_one_click_away(cast, articles, client):
    for address in (reverse("portal:home"), reverse("portal:help"), reverse("portal:article", args=["lamp"])):
        assert f'href="{reverse("portal:request")}"' in client.get(address).text


def test_hidden_article_is_not_found(articles, client):
    Article.objects.filter(slug="lamp").update(is_public=False)
    assert client.get(reverse("portal:article", args=["lamp"])).status_code == 404
    assert search(client, "lamp") == []


def test_answer_is_shown_as_text(articles, client):
    Article.objects.filter(slug="lamp").update(text_en="<script>alert(1)</script>")
    assert "&lt;script&gt;" in client.get(reverse("portal:article", args=["lamp"])).text

"""The FAQ is found by beginnings, related words and typing errors, and finds nothing where nothing fits."""

from __future__ import annotations

import pytest

from helpdesk.demo.texts import ARTICLES
from tickets.models import Article
from tickets.search import articles
from tickets.search.articles import find_articles

DELIVERY, RETURN, PART, WALL = "delivery", "return", "missing-part", "wall"
FOUND = [
    ("en", "delivery", DELIVERY),
    ("en", "deliver", DELIVERY),
    ("en", "deliv", DELIVERY),
    ("en", "delivry", DELIVERY),
    ("en", "delievry", DELIVERY),
    ("en", "when will my parcel arrive?", DELIVERY),
    ("en", "shipping", DELIVERY),
    ("en", "shiping", DELIVERY),
    ("en", "how long", DELIVERY),
    ("en", "return", RETURN),
    ("en", "refund", RETURN),
    ("en", "refnud", RETURN),
    ("en", "sending back", RETURN),
    ("en", "I want my money back", RETURN),
    ("en", "missing", PART),
    ("en", "mising parts", PART),
    ("en", "spare", PART),
    ("en", "manual", PART),
    ("en", "plasterbord", WALL),
    ("en", "plug", WALL),
    ("en", "drilling", WALL),
    ("fr", "livrer", DELIVERY),
    ("fr", "livré", DELIVERY),
    ("fr", "livraisons", DELIVERY),
    ("fr", "livr", DELIVERY),
    ("fr", "livrason", DELIVERY),
    ("fr", "LIVRAISON", DELIVERY),
    ("fr", "délai", DELIVERY),
    ("fr", "mon colis", DELIVERY),
    ("fr", "Quand serai-je livrée ?", DELIVERY),
    ("fr", "retour", RETURN),
    ("fr", "rembours", RETURN),
    ("fr", "remboursement", RETURN),
    ("fr", "rembousement", RETURN),
    ("fr", "renvoi", RETURN),
    ("fr", "comment renvoyer", RETURN),
    ("fr", "pieces", PART),
    ("fr", "pièce manquante", PART),
    ("fr", "manque", PART),
    ("fr", "chevile", WALL),
    ("fr", "l’argent", RETURN),
    ("fr", "plâtre", WALL),
    ("fr", "platre", WALL),
    ("fr", "delivery", DELIVERY),
]
MISSED = [
    ("en", "zeppelin"),
    ("en", "bitcoin"),
    ("en", "the"),
    ("en", "of a to"),
    ("en", "xq"),
    ("en", "li"),
    ("en", "ball"),
    ("en", "relive"),
    ("en", "banana split"),
    ("en", "'; DROP TABLE"),
    ("en", "%%%"),
    ("en", "????"),
    ("fr", "le"),
    ("fr", "de la"),
    ("fr", "zèbre"),
    ("fr", "détour"),
    ("fr", "chocolat"),
    ("fr", "avion"),
    ("fr", "livide"),
]


@pytest.fixture
def demo(db):
    """Write the demonstration's articles."""
    for position, (slug, name_en, name_fr, text_en, text_fr) in enumerate(ARTICLES):
        Article.objects.create(
            slug=slug, name_en=name_en, name_fr=name_fr, text_en=text_en, text_fr=text_fr, position=position
        )


def found(words: str, language: str) -> list[str]:
    ids = find_articles(words, language=language).ids
    rows = Article.objects.in_bulk(ids)
    return [rows[pk].slug for pk in ids]


@pytest.mark.parametrize(("language", "words", "slug"), FOUND)
def test_words_find_their_article_first(demo, language, words, slug):
    assert found(words, language)[:1] == [slug]


@pytest.mark.parametrize(("language", "words"), MISSED)
def test_words_that_fit_nothing_find_nothing(demo, language, words):
    assert found(words, language) == []


@pytest.mark.parametrize(("words", "are_near"), [("delivery", False), ("delivry", True), ("refund", True)])
def test_it_is_said_when_no_article_has_the_words(demo, words, are_near):
    assert find_articles(words, language="en").are_near is are_near


@pytest.mark.parametrize("words", ["livraison", "plug", "money"])
def test_one_matter_finds_one_article(demo, words):
    assert len(found(words, "en")) == 1


def test_a_word_in_the_question_ranks_above_one_in_the_answer(db):
    Article.objects.create(slug="second", name_en="Other", text_en="The lamp is blue.", position=0)
    Article.objects.create(slug="first", name_en="Lamp", text_en="It is blue.", position=1)
    assert found("lamp", "en") == ["first", "second"]


def test_hidden_articles_are_not_found(demo):
    Article.objects.update(is_public=False)
    assert found("delivery", "en") == []


@pytest.mark.parametrize(
    ("typed", "meant", "is_error"),
    [
        ("delivry", "delivery", True),
        ("retunr", "return", True),
        ("detour", "retour", False),
        ("walls", "balls", False),
        ("cat", "car", False),
        ("plasterbord", "plasterboard", True),
        ("money", "honey", False),
    ],
)
def test_a_typing_error_is_a_letter_or_two(typed, meant, is_error):
    assert articles.is_typing_error(typed, meant) is is_error


def test_every_family_has_both_languages_and_no_accents():
    for family in articles._load_families():
        assert {tongue for tongue, _root in family} == {"fr", "en"}
        assert all(articles._fold(root) == root for _tongue, root in family)

"""The search box of the desk."""

from django.urls import reverse

from tests import make


def test_what_was_found_takes_the_lists_place(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana, subject="Blue wardrobe")
    response = signed_in("alice").get(reverse("desk:search"), {"q": "wardrobe"})
    assert [row.number for row in response.context["rows"]] == [ticket.pk]
    assert "Blue wardrobe" in response.content.decode()


def test_a_number_comes_first_and_once(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    make.ticket(cast.web, cast.dana, f"About {ticket.pk}")
    rows = signed_in("alice").get(reverse("desk:search"), {"q": str(ticket.pk)}).context["rows"]
    assert rows[0].number == ticket.pk
    assert len(rows) == 2


def test_mallory_finds_nothing_of_ours(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana, subject="Blue wardrobe")
    for typed in ("wardrobe", f"#{ticket.pk}", "dana", "dana@petit.example"):
        response = signed_in("mallory").get(reverse("desk:search"), {"q": typed})
        assert "Blue" not in response.content.decode()
        assert response.context["found"].is_empty


def test_the_page_stands_without_a_script(cast, signed_in):
    make.ticket(cast.web, cast.dana, subject="Blue wardrobe")
    response = signed_in("alice", fragments=False).get(reverse("desk:search"), {"q": "wardrobe"})
    assert "<html" in response.content.decode()
    assert "Blue wardrobe" in response.content.decode()


def test_a_search_takes_few_queries(cast, signed_in, django_assert_num_queries):
    make.ticket(cast.web, cast.dana, subject="Blue wardrobe")
    client = signed_in("alice")
    with django_assert_num_queries(9):
        client.get(reverse("desk:search"), {"q": "wardrobe"})

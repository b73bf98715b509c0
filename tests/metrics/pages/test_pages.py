"""The reports' pages: who sees which numbers, and that every number opens what it counted."""

import re

import pytest
from django.urls import reverse

from metrics.catalogue import registry
from metrics.facts import derive
from tests import make
from tests.metrics.story import DAY, HOUR, answer, solved
from tickets.clock import database_now
from tickets.models import Queue

SLUGS = list(registry.load_metrics())


@pytest.fixture
def happened(cast):
    """Some tickets of the last days, seen by the database's clock."""
    at = database_now() - 12 * DAY
    for n in range(4):
        solved(cast, make.customer(f"C{n}", f"c{n}@x.example"), at=at + n * HOUR)
    make.customer_message(solved(cast, at=at), now=at + DAY)
    answer(make.ticket(cast.web, cast.emile, now=at + 11 * DAY), cast.acting("bob"), at + 11 * DAY + HOUR)
    make.ticket(cast.web, cast.emile, now=at + 11 * DAY)
    derive.refresh_facts(now=database_now())
    return cast


def page(client, who, name, *args, status=200, **params):
    client.force_login(who)
    answered = client.get(reverse(f"metrics:{name}", args=args), params)
    assert answered.status_code == status, answered.text[:2000]
    return answered.text


def test_the_overview_has_a_card_for_every_metric(client, happened):
    text = page(client, happened.carol, "home")
    for metric in registry.load_metrics().values():
        assert str(metric.label) in text
        assert str(metric.formula).split(",")[0] in text.replace("&quot;", '"').replace("&#x27;", "'")


@pytest.mark.parametrize("params", [{}, {"days": "364"}, {"queue": "orders", "channel": "web"}])
def test_each_metric_has_its_page_and_its_tickets(client, happened, params):
    for slug in SLUGS:
        assert "How it is calculated" in page(client, happened.carol, "metric", slug, **params)
        assert page(client, happened.carol, "tickets", slug, **params)


def test_the_counts_on_a_page_are_the_rows_of_their_lists(client, happened):
    for slug in SLUGS:
        text = page(client, happened.carol, "metric", slug)
        found = re.findall(r'<li><a href="([^"]+)">(\d+)</a>', text)
        assert found or "No data in this period" in text
        for address, count in found:
            listed = client.get(address.replace("&amp;", "&")).text
            assert listed.count('<th scope="row"') == int(count), address


def test_a_list_goes_on_over_pages(client, cast):
    for n in range(52):
        make.ticket(cast.web, make.customer(f"C{n}", f"c{n}@x.example"), now=database_now() - HOUR)
    derive.refresh_facts(now=database_now())
    first = page(client, cast.carol, "tickets", "backlog")
    second = page(client, cast.carol, "tickets", "backlog", page="2")
    assert (first.count('<th scope="row"'), second.count('<th scope="row"')) == (50, 2)
    assert "52 tickets" in first


def test_people_see_the_queues_they_work_in(client, happened):
    assert "Open the tickets" in page(client, happened.alice, "home")
    text = page(client, happened.mallory, "home")
    assert "Refunds" not in text
    page(client, happened.mallory, "home", queue="orders", status=403)
    assert "No tickets match" in page(client, happened.mallory, "tickets", "backlog")


def test_without_a_queue_there_is_a_kind_word(client, cast):
    nobody = make.user("nobody")
    assert "You are not a member of any queue yet" in page(client, nobody, "home")


def test_strangers_are_sent_to_sign_in(client, cast):
    for name, args in (("home", []), ("metric", ["fcr"]), ("tickets", ["fcr"])):
        assert client.get(reverse(f"metrics:{name}", args=args)).status_code == 302


def test_a_persons_figures_are_for_them_and_their_coach(client, happened):
    happened.bob.coach = happened.alice
    happened.bob.save(update_fields=["coach"])
    page(client, happened.bob, "metric", "fcr", person="me")
    page(client, happened.bob, "metric", "fcr", person=str(happened.bob.pk))
    page(client, happened.alice, "metric", "fcr", person=str(happened.bob.pk))
    page(client, happened.carol, "metric", "fcr", person=str(happened.bob.pk), status=403)
    page(client, happened.admin, "metric", "fcr", person=str(happened.bob.pk), status=403)
    page(client, happened.bob, "metric", "fcr", person=str(happened.alice.pk), status=403)


def test_a_persons_share_needs_thirty_to_be_a_percentage(client, happened):
    text = page(client, happened.alice, "metric", "fcr", person="me")
    value = re.search(r'measure__value[^>]*">([^<]+)<', text)
    assert value is not None
    assert " of " in value[1]


def test_what_cannot_be_understood_is_said_and_is_no_failure(client, cast):
    for params in (
        {"days": "0"}, {"days": "x"}, {"days": "9" * 40}, {"from": "2026-13-01"}, {"window": "8"},
        {"from": "2026-11-02", "to": "2026-11-01"}, {"from": "0001-01-01", "to": "9999-12-31"},
        {"hour": "24"}, {"weekday": "0"}, {"channel": "fax"}, {"hour": "१"},
    ):  # fmt: skip
        page(client, cast.carol, "home", status=400, **params)


def test_unknown_metrics_and_parts_are_refused(client, cast):
    page(client, cast.carol, "metric", "nonsense", status=404)
    page(client, cast.carol, "tickets", "fcr", part="nonsense", status=400)
    page(client, cast.carol, "metric", "backlog", person="me", status=400)


def test_a_ticket_that_moved_away_still_counts_but_cannot_be_opened(client, happened):
    elsewhere = Queue.objects.get(slug="legal")
    ticket = make.ticket(happened.web, happened.dana, now=database_now() - HOUR)
    derive.refresh_facts(now=database_now())
    before = page(client, happened.carol, "tickets", "backlog").count('<th scope="row"')
    ticket.move_to(elsewhere, by=happened.acting("admin"), now=database_now())
    text = page(client, happened.carol, "tickets", "backlog")
    assert text.count('<th scope="row"') == before
    assert "has moved to a queue you do not work in" in text
    assert f"#{ticket.pk} {ticket.subject}" not in text


def test_the_overview_does_not_ask_more_with_more_tickets(client, cast, django_assert_max_num_queries):
    client.force_login(cast.carol)
    client.get(reverse("metrics:home"))
    with django_assert_max_num_queries(45):
        client.get(reverse("metrics:home"))

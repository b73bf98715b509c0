"""The what-if page: who may ask, what is kept when something is wrong, progress, and the answer."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse

from routing.models import Policy, Shift, Trial
from routing.what_if import trials
from tests import make
from tests.routing.scene import there
from tickets.clock import database_now


@pytest.fixture
def day(cast):
    """A working day of Alice's, begun two hours ago, with a mail in it."""
    now = database_now()
    agent = there(cast.alice, now, schedule="planned")
    Shift.objects.create(agent=agent, during=(now - timedelta(hours=2), now + timedelta(hours=2)))
    make.ticket(cast.web, cast.dana, now=now - timedelta(hours=1))
    return cast


def url(name, *args):
    return reverse(f"routing:{name}", args=args)


def signed_in(client, person):
    client.force_login(person)
    return client


def form(cast, **fields):
    now = database_now()
    return {
        "kind": "recorded", "first": str((now - timedelta(days=1)).date()), "last": str(now.date()),
        "queue": [cast.orders.pk], "repetitions": "3", "compare": ["baseline:best skill"],
    } | fields  # fmt: skip


def test_question_is_asked_watched_and_answered(client, day):
    page = signed_in(client, day.carol).post(url("what_if"), form(day), follow=True)
    trial = Trial.objects.get()
    assert "every 2s" in page.content.decode()
    trials.run_next_trial(database_now())
    answer = client.get(url("trial_progress", trial.pk)).content.decode()
    assert "hx-trigger" not in answer
    for words in (
        "Best skilled first",
        "no clear difference",
        "promises kept",
        "Mail and forms (1)",
        "Too few came",
    ):
        assert words in answer
    assert client.get(url("trial", trial.pk)).status_code == 200
    assert url("trial", trial.pk) in client.get(url("what_if")).content.decode()


def test_agents_do_not_ask(client, day):
    signed_in(client, day.alice)
    assert client.get(url("what_if")).status_code == 403
    assert client.post(url("what_if"), form(day)).status_code == 403
    assert not Trial.objects.exists()


def test_trials_of_others_are_not_found(client, day):
    wine = make.queue("wine")
    trial = trials.start_trial(
        [wine.pk], database_now().date(), database_now().date(), [{"kind": "baseline", "name": "priority"}],
        by=day.acting("admin"), now=database_now(), zone="UTC",
    )  # fmt: skip
    signed_in(client, day.carol)
    assert client.get(url("trial", trial.pk)).status_code == 404
    assert client.post(url("stop_trial", trial.pk)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"first": ""}, "Choose the first and the last day"),
        ({"first": "2026-13-45"}, "Choose the first and the last day"),
        ({"compare": []}, "at least one thing"),
        ({"compare": ["nonsense"]}, "from the list"),
        ({"queue": []}, "Choose queues"),
        ({"repetitions": "many"}, "whole number"),
        (
            {"compare": ["people"], "more": "x", "hours_from": "09:00", "hours_until": "10:00"},
            "how many people",
        ),
        ({"compare": ["numbers"], "numbers": "{"}, "cannot be read"),
        ({"without": "999999"}, "somebody of your queues"),
    ],
)
def test_wrong_form_is_explained_and_what_was_chosen_stays(client, day, fields, words):
    answer = signed_in(client, day.carol).post(url("what_if"), form(day, kind="busy") | fields)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert words in text
    assert 'value="busy" checked' in text
    assert not Trial.objects.exists()


def test_numbers_typed_under_the_rules_are_brought_along(client, day):
    page = signed_in(client, day.carol).post(url("what_if"), {"bring": "1", "fairness_weight": "0.9"})
    text = page.content.decode()
    assert 'value="numbers" checked' in text
    assert "fairness_weight" in text
    numbers = '{"fairness_weight": 0.9}'
    client.post(url("what_if"), form(day, compare=["numbers"], numbers=numbers))
    kept = Trial.objects.get().question["variants"][1]
    assert kept == {"kind": "numbers", "parameters": {"fairness_weight": 0.9}}


def test_version_is_chosen_by_its_link_from_the_rules(client, day):
    Policy.objects.create(version=4, parameters={"reserve": 2})
    rules = signed_in(client, day.carol).get(url("look_at_policy", 4)).content.decode()
    assert f"{url('what_if')}?version=4" in rules
    assert 'value="version:4" checked' in client.get(url("what_if") + "?version=4").content.decode()


def test_roster_leads_supervisors_there(client, day):
    address = url("what_if")
    assert f'href="{address}"' in signed_in(client, day.carol).get(url("roster")).content.decode()
    assert f'href="{address}"' not in signed_in(client, day.alice).get(url("roster")).content.decode()


def test_trial_is_stopped_by_a_click(client, day):
    signed_in(client, day.carol).post(url("what_if"), form(day))
    page = client.post(url("stop_trial", Trial.objects.get().pk), follow=True)
    assert "stopped" in page.content.decode()


def test_failed_trial_says_why(client, day):
    signed_in(client, day.carol).post(url("what_if"), form(day))
    Trial.objects.update(state="failed", problem="nothing_came")
    assert (
        "Nothing was received on these days"
        in client.get(url("trial", Trial.objects.get().pk)).content.decode()
    )


def test_list_takes_as_many_queries_for_many(client, day, django_assert_num_queries):
    signed_in(client, day.carol)
    client.post(url("what_if"), form(day))
    client.get(url("what_if"))
    with django_assert_num_queries(QUERIES):
        client.get(url("what_if"))
    for _ in range(3):
        client.post(url("what_if"), form(day, without=there(day.bob).pk))
    with django_assert_num_queries(QUERIES):
        assert client.get(url("what_if")).content.decode().count(quote(url("what_if"))) > 4


QUERIES = 8

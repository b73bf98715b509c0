"""Events ring the router; what nobody rang for the sweep finds."""

import time

import pytest

from helpdesk.runtime.sweep import all_sweeps
from routing import tasks
from tests import make
from tests.cast import NOON
from tests.routing.scene import assignee, mail, there
from tickets.clock import database_now
from tickets.platform import tasks_on_commit


@pytest.fixture
def rung(monkeypatch):
    """The tasks that bells ask for, instead of asking a broker."""
    heard = []
    monkeypatch.setattr(tasks_on_commit, "_submit", lambda task, args: heard.append(task))
    return heard


def test_new_ticket_rings(cast, rung, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        mail(cast)
    assert "routing.tasks.route" in rung


@pytest.mark.parametrize(("verb", "rings"), [("solve", True), ("rename", False)])
def test_only_news_for_routing_rings(cast, rung, django_capture_on_commit_callbacks, verb, rings):
    ticket = mail(cast)
    arguments = {"subject": "Lamp"} if verb == "rename" else {}
    with django_capture_on_commit_callbacks(execute=True):
        getattr(ticket, verb)(**arguments, by=cast.acting("carol"), now=NOON)
    assert ("routing.tasks.route" in rung) is rings


def test_task_makes_a_pass(cast):
    there(cast.alice, database_now())
    ticket = mail(cast)
    tasks.route()
    assert assignee(ticket) == cast.alice


def test_bell_that_rang_before_the_last_pass_needs_none(cast):
    there(cast.alice, database_now())
    rang_at = time.time()
    tasks.route()
    ticket = mail(cast)
    tasks.route(rang_at)
    assert assignee(ticket) is None
    tasks.route(time.time())
    assert assignee(ticket) == cast.alice


def test_sweeps_do_it_without_any_bell(cast):
    now = database_now()
    there(cast.alice, now)
    ticket = make.ticket(cast.web, cast.dana, now=now)
    for sweep in all_sweeps():
        if sweep.name.startswith("routing"):
            sweep.run(now)
    assert assignee(ticket) == cast.alice

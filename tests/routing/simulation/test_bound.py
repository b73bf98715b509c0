"""Overdue work of a simulated day is held against the bound that routing proves."""

import pytest

from routing.engine import Medium
from routing.simulation.bound import check_overdue_jobs
from routing.simulation.compare import make_router
from routing.simulation.day import Contact, Day, Person
from routing.simulation.floor import Floor

HOUR = 3600.0


class Nobody:
    """A router that gives nothing to anybody."""

    heartbeat_seconds = 15.0

    def begin(self, floor):
        pass

    def arrived(self, job, now):
        return ()

    def freed(self, column, now):
        return ()

    def swept(self, now):
        return ()


def day(languages=frozenset({"en"})):
    person = Person(1, ((0.0, 8 * HOUR),), {"billing": 3}, languages)
    mail = Contact(1, Medium.MAIL, 60.0, "billing", "en", 300.0, float("inf"))
    return Day("a day", [person], [mail], 8 * HOUR)


def test_a_mail_that_is_taken_at_once_is_not_overdue():
    assert check_overdue_jobs(Floor(day(), make_router("human first")).run()).count == 0


@pytest.mark.parametrize(("languages", "past"), [({"en"}, 1), ({"fr"}, 0)])
def test_what_nobody_is_given_is_past_its_bound_only_if_somebody_could_take_it(languages, past):
    told = check_overdue_jobs(Floor(day(frozenset(languages)), Nobody()).run())
    assert (told.count, told.past_bound) == (1, past)

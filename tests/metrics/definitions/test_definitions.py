"""The other metrics, each by the trap it must not fall into."""

from datetime import timedelta

import pytest

from metrics.asking.figure import Role
from metrics.catalogue import answers, registry
from metrics.models import FactPromise
from tests import make
from tests.metrics.story import DAY, HOUR, amount, answer, motive, number, question, share, solved, times
from tickets import events
from tickets.actor import SYSTEM
from tickets.hours import opening_hours


def test_who_was_not_answered_yet_still_counts(cast, now):
    for _ in range(3):
        answer(make.ticket(cast.web, cast.dana, now=now), cast.acting("alice"), now + HOUR)
    for _ in range(3):
        make.ticket(cast.web, cast.dana, now=now)
    found = times(cast, "first_human_response", at=now + 5 * HOUR)
    assert (found.ended, found.lasting) == (3, 3)
    median, ninety, _ = found.wall
    assert median.seconds == 3600
    assert (ninety.seconds, ninety.longest) == (None, 5 * 3600)


def test_first_answer_is_credited_to_its_author_not_to_who_has_the_ticket(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    answer(ticket, cast.acting("bob"), now + HOUR)
    ticket.set_assignee(cast.alice, by=SYSTEM, now=now + 2 * HOUR, data={})
    assert times(cast, "first_human_response", at=now + DAY, person=cast.bob.pk).ended == 1
    assert times(cast, "first_human_response", at=now + DAY, person=cast.alice.pk).ended == 0


def test_first_answer_has_two_clocks(cast, now):
    from tests.tickets.hours.test_opening_hours import office

    cast.orders.calendar = office()
    cast.orders.save(update_fields=["calendar"])
    opening_hours.publish_version(cast.orders.calendar, now=now)
    answer(make.ticket(cast.web, cast.dana, now=now), cast.acting("alice"), now + DAY)
    make.ticket(cast.web, cast.emile, now=now)
    found = times(cast, "first_human_response", at=now + 2 * DAY)
    assert (found.wall[0].seconds, found.open[0].seconds) == (86_400, 8 * 3600)
    assert found.open[0].longest == 16 * 3600


def test_what_needed_no_written_answer_is_left_out_by_name(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    ticket.solve(by=cast.acting("alice"), now=now + HOUR)
    assert number(cast, "first_human_response", at=now + DAY).parts == {"unwritten": 1}


def test_resolution_time_after_a_reopening_is_that_of_the_later_resolution(cast, now):
    ticket = solved(cast, at=now)
    make.customer_message(ticket, now=now + DAY)
    answer(ticket, cast.acting("bob"), now + 2 * DAY, then="solved")
    found = times(cast, "resolution_time", at=now + 3 * DAY)
    assert [q.seconds for q in found.wall] == [2 * 86_400] * 3


def test_closed_by_itself_is_shown_apart_from_resolved(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    answer(ticket, cast.acting("alice"), now + HOUR)
    ticket.close(by=SYSTEM, now=now + 5 * DAY)
    assert number(cast, "resolution_time", at=now + 6 * DAY).parts == {"unconfirmed": 1}


def test_reopen_rate_sees_what_other_tools_showed_as_nothing(cast, now):
    back, stays = solved(cast, at=now), solved(cast, cast.emile, at=now)
    make.customer_message(back, now=now + 2 * DAY)
    assert number(cast, "reopen_rate", at=now + 3 * DAY).parts == {"reopened": 1, "provisional": 1}
    assert number(cast, "reopen_rate", at=now + 31 * DAY).parts == {"reopened": 1, "stayed": 1}
    assert stays.state == "solved"


def test_repeat_contacts_look_across_tickets_with_the_same_reason(cast, now):
    for offset in (0, 5, 25):
        ticket = solved(cast, at=now + offset * DAY)
        ticket.set_motive(motive(), by=cast.acting("alice"), now=now + offset * DAY)
    found = share(cast, "repeat_contacts", at=now + 26 * DAY)
    assert (found.numerator, found.denominator) == (1, 3)
    assert share(cast, "repeat_contacts", at=now + 26 * DAY, window=30).numerator == 2


def promise(cast, number_, due_at, ended="", at=None, cause=""):
    ticket = make.ticket(cast.web, cast.dana, now=due_at - HOUR)
    made = {"promise": number_, "due_at": due_at.isoformat(), "certainty": 0.8, "kind": "answer"}
    events.record("promise.made", ticket=ticket, by=SYSTEM, at=due_at - HOUR, data=made)
    if ended:
        events.record(
            f"promise.{ended}",
            ticket=ticket,
            by=SYSTEM,
            at=at or due_at,
            data={"promise": number_},
            cause=cause,
        )
    return ticket


def test_promises_by_how_they_ended(cast, now):
    promise(cast, 1, now, "kept")
    promise(cast, 2, now, "broken")
    promise(cast, 3, now, "changed")
    promise(cast, 4, now, "changed", cause="customer")
    promise(cast, 5, now)  # overdue, though nobody has swept yet
    promise(cast, 6, now + 2 * HOUR)
    figure = number(cast, "promise_kept", at=now + HOUR)
    assert figure.parts == {"kept": 1, "broken": 2, "changed": 1, "withdrawn": 1, "provisional": 1}
    assert figure.n == 4
    assert FactPromise.objects.count() == 6


def test_backlog_can_be_asked_for_any_instant(cast, now):
    ticket = solved(cast, at=now, after=3 * DAY)
    make.ticket(cast.web, cast.emile, now=now + DAY)
    q = question(cast, at=now + 5 * DAY, days=10)
    course = {p.first: p.figure.n for p in answers.compute_course(registry.get_metric("backlog"), q).points}
    today = q.period.last
    assert [course[today - timedelta(days=d)] for d in (6, 5, 4, 3, 2, 1, 0)] == [0, 1, 2, 2, 1, 1, 1]
    assert ticket.state == "solved"


def test_backlog_says_whom_it_waits_on_and_how_old_it_is(cast, now):
    answer(make.ticket(cast.web, cast.dana, now=now), cast.acting("alice"), now + HOUR)
    answer(make.ticket(cast.web, cast.dana, now=now), cast.acting("alice"), now + HOUR, then="on_hold")
    make.ticket(cast.web, cast.emile, now=now - 4 * DAY)
    found = amount(cast, "backlog", at=now + DAY)
    assert found.by_kind == {"us": 1, "third_party": 1, "customer": 1}
    assert found.older_than == {1: 1, 3: 1, 7: 0, 30: 0}
    assert found.oldest == 5 * 86_400


def test_stock_before_and_what_came_and_went_add_up(cast, now):
    """The identity that reports with different populations fail."""
    tickets = [make.ticket(cast.web, cast.dana, now=now + n * HOUR) for n in range(6)]
    for ticket in tickets[:3]:
        answer(ticket, cast.acting("alice"), now + DAY, then="solved")
    make.customer_message(tickets[0], now=now + 2 * DAY)
    tickets[5].mark_spam(by=cast.acting("alice"), now=now + 2 * DAY)
    stock = amount(cast, "backlog", at=now + 3 * DAY).count
    arrived, resolved, reopened = 5, 3, 1
    assert stock == arrived - resolved + reopened


@pytest.mark.parametrize("slug", list(registry.load_metrics()))
def test_every_metric_answers_about_nothing(cast, now, slug):
    metric, q = registry.get_metric(slug), question(cast, at=now)
    figure = answers.compute_figure(metric, q)
    assert (figure.total, figure.n) == (0, 0)
    assert len(answers.compute_course(metric, q).points) >= 8
    assert set(answers.compute_by_queue(metric, q)) == {cast.orders.pk, cast.refunds.pk}


@pytest.mark.parametrize("slug", list(registry.load_metrics()))
def test_every_metric_explains_itself(slug):
    metric = registry.get_metric(slug)
    assert len(metric.formula) > 60
    assert metric.source
    assert metric.better in ("higher", "lower")
    assert len({p.slug for p in metric.parts}) == len(metric.parts)
    assert any(p.role is Role.EXCLUDED for p in metric.parts)

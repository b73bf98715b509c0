"""First-contact resolution: what counts, what is not known yet, and what never counts."""

import pytest

from tests import make
from tests.metrics.story import DAY, HOUR, answer, motive, number, share, solved
from tickets import events
from tickets.actor import SYSTEM
from tickets.models import Ticket


def fcr(cast, at, **how):
    return number(cast, "fcr", at=at, **how)


def test_resolved_at_once_counts_once_the_window_has_passed(cast, now):
    solved(cast, at=now)
    before, after = (share(cast, "fcr", at=now + days * DAY) for days in (6, 8))
    assert (before.denominator, before.provisional) == (0, 1)
    assert (after.numerator, after.denominator, after.provisional) == (1, 1, 0)


def test_coming_back_within_the_window_fails_at_once(cast, now):
    ticket = solved(cast, at=now)
    make.customer_message(ticket, now=now + 2 * DAY)
    assert fcr(cast, now + 3 * DAY).parts == {"failed": 1}


def test_coming_back_after_the_window_changes_nothing_that_was_shown(cast, now):
    ticket = solved(cast, at=now)
    make.customer_message(ticket, now=now + 9 * DAY)
    assert fcr(cast, now + 10 * DAY).parts == {"resolved": 1}


@pytest.mark.parametrize(("window", "part"), [(1, "resolved"), (3, "failed"), (30, "failed")])
def test_the_window_is_a_parameter(cast, now, window, part):
    ticket = solved(cast, at=now)
    make.customer_message(ticket, now=now + 2 * DAY)
    assert fcr(cast, now + 40 * DAY, window=window).parts == {part: 1}


def test_a_new_ticket_with_the_same_reason_fails_the_first_and_is_no_issue_of_its_own(cast, now):
    for offset in (0, 5):
        ticket = solved(cast, at=now + offset * DAY)
        ticket.set_motive(motive(), by=cast.acting("alice"), now=now + offset * DAY)
    assert fcr(cast, now + 20 * DAY).parts == {"failed": 1, "repeat": 1}
    assert fcr(cast, now + 20 * DAY, window=3).parts == {"resolved": 2}


def test_needing_a_second_contact_fails(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    answer(ticket, cast.acting("alice"), now + HOUR)
    make.customer_message(ticket, now=now + DAY)
    assert fcr(cast, now + 2 * DAY).parts == {"failed": 1}


def test_unresolved_after_thirty_days_has_failed(cast, now):
    make.ticket(cast.web, cast.dana, now=now)
    assert fcr(cast, now + 29 * DAY).parts == {"provisional": 1}
    assert fcr(cast, now + 30 * DAY).parts == {"failed": 1}


def test_thank_you_is_not_coming_back(cast, now):
    ticket = solved(cast, at=now)
    thanks = make.customer_message(ticket, "Thank you!", now=now + DAY)
    tick = {"message": thanks.pk, "needs_no_action": True}
    events.record("message.no_action", ticket=ticket, by=cast.acting("alice"), at=now + DAY, data=tick)
    assert fcr(cast, now + 9 * DAY).parts == {"resolved": 1}


def test_spam_and_what_we_opened_ourselves_are_left_out_by_name(cast, now):
    solved(cast, at=now).mark_spam(by=cast.acting("alice"), now=now + DAY)
    solved(cast, cast.emile, at=now)
    ticket = Ticket.objects.create(
        queue=cast.orders, channel=cast.mailbox, customer=cast.dana, created_at=now, updated_at=now
    )
    made = {"customer": cast.dana.pk, "direction": "out"}
    events.record("ticket.created", ticket=ticket, by=cast.acting("alice"), at=now, data=made)
    figure = fcr(cast, now + 20 * DAY)
    assert figure.parts == {"spam": 1, "ours": 1, "resolved": 1}
    assert figure.total == 3


def test_a_ticket_that_closed_by_itself_is_no_success(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    answer(ticket, cast.acting("alice"), now + HOUR)
    ticket.close(by=SYSTEM, now=now + 5 * DAY)
    assert fcr(cast, now + 35 * DAY).parts == {"failed": 1}


def test_the_cohort_is_by_first_contact_not_by_resolution(cast, now):
    solved(cast, at=now - 3 * DAY, after=5 * DAY)
    assert fcr(cast, now + 12 * DAY, days=14).total == 0
    assert fcr(cast, now + 12 * DAY, days=17).total == 1


def test_while_some_are_provisional_the_bounds_are_said(cast, now):
    for offset in (0, 0, 0, 8):
        solved(cast, at=now + offset * DAY)
    found = share(cast, "fcr", at=now + 10 * DAY)
    assert (found.numerator, found.denominator, found.provisional) == (3, 3, 1)
    assert found.bounds == (0.75, 1.0)


def test_a_persons_own_number_is_that_of_the_first_resolver(cast, now):
    ticket = solved(cast, at=now, by="alice")
    make.customer_message(ticket, now=now + DAY)
    answer(ticket, cast.acting("bob"), now + 2 * DAY, then="solved")
    assert fcr(cast, now + 20 * DAY, person=cast.alice.pk).parts == {"failed": 1}
    assert fcr(cast, now + 20 * DAY, person=cast.bob.pk).total == 0


def test_while_most_is_open_there_is_no_percentage(cast, now):
    ticket = solved(cast, at=now)
    make.customer_message(ticket, now=now + HOUR)
    for _ in range(2):
        solved(cast, cast.emile, at=now)
    found = share(cast, "reopen_rate", at=now + DAY)
    assert (found.numerator, found.denominator, found.provisional, found.is_early) == (1, 1, 2, True)

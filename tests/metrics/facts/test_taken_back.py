"""A reply that was taken back within seconds was never given, whatever the log says of these seconds."""

from datetime import timedelta

from metrics.models import FactContact, FactPromise, FactWaitSegment
from tests import make
from tests.metrics.story import HOUR, answer, derived
from tickets.conversation import replies, scheduled
from tickets.conversation.replies import Words

UNDO = timedelta(seconds=15)


def taken_back(cast, now, then: str = "solved"):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    alice, words = cast.acting("alice"), Words("It leaves today.")
    message = replies.reply(ticket, words, by=alice, now=now + HOUR, then=then, undo=UNDO)
    scheduled.withdraw_reply(message, by=alice, now=now + HOUR + timedelta(seconds=3))
    ticket.refresh_from_db()
    return ticket


def test_it_is_no_answer_no_resolution_and_no_reopening(cast, now):
    [fact] = derived(taken_back(cast, now))
    assert (fact.first_reply_at, fact.resolved_at, fact.first_resolved_at) == (None, None, None)
    assert (fact.resolved_ats, fact.reopened_ats) == ([], [])


def test_the_customer_goes_on_waiting_in_one_span_and_one_contact(cast, now):
    derived(taken_back(cast, now))
    assert list(FactWaitSegment.objects.values_list("waits_on", "ended_at")) == [("us", None)]
    assert FactContact.objects.get().ended_at is None
    assert set(FactPromise.objects.values_list("outcome", flat=True)) <= {""}


def test_the_answer_that_is_given_in_the_end_counts(cast, now):
    ticket = taken_back(cast, now)
    answer(ticket, cast.acting("alice"), now + 2 * HOUR, then="solved")
    [fact] = derived(ticket)
    assert (fact.first_reply_at, fact.resolved_at) == (now + 2 * HOUR, now + 2 * HOUR)
    assert fact.reopened_ats == []
    assert FactContact.objects.get().ended_at == now + 2 * HOUR

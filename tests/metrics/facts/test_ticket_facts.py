"""Events → ticket facts."""

from datetime import timedelta

from metrics.models import FactContact, FactPromise, FactWaitSegment
from tests import make
from tests.metrics.story import DAY, HOUR, answer, derived, solved
from tickets import events
from tickets.actor import SYSTEM
from tickets.models import Promise
from tickets.promises.promises import keep_open_promises, mark_overdue_broken


def test_first_answer_is_by_whom_wrote_it_and_after_what_time(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    answer(ticket, cast.acting("alice"), now + HOUR)
    answer(ticket, cast.acting("bob"), now + 3 * HOUR)
    [fact] = derived(ticket)
    assert fact.first_reply_seconds == fact.first_reply_open_seconds == 3600
    assert fact.first_responder_id == cast.alice.pk


def test_an_unanswered_ticket_has_no_first_answer(cast, now):
    [fact] = derived(make.ticket(cast.web, cast.dana, now=now))
    assert fact.first_customer_at == now
    assert fact.first_reply_seconds is None


def test_a_note_is_no_answer(cast, now):
    from tickets.conversation import replies

    ticket = make.ticket(cast.web, cast.dana, now=now)
    replies.note(ticket, replies.Words("Known customer."), by=cast.acting("alice"), now=now + HOUR)
    [fact] = derived(ticket)
    assert fact.first_reply_at is None


def test_a_call_that_was_answered_is_a_first_answer(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    said = {"call": 1, "direction": "out", "result": "answered", "talk_seconds": 60}
    events.record("call.logged", ticket=ticket, by=cast.acting("bob"), at=now + HOUR, data=said)
    [fact] = derived(ticket)
    assert (fact.first_reply_seconds, fact.first_responder_id) == (3600, cast.bob.pk)


def test_a_reopened_ticket_keeps_its_first_and_its_last_resolution(cast, now):
    ticket = solved(cast, at=now)
    make.customer_message(ticket, now=now + DAY)
    answer(ticket, cast.acting("bob"), now + 2 * DAY, then="solved")
    [fact] = derived(ticket)
    assert (fact.first_resolved_at, fact.first_resolver_id) == (now + HOUR, cast.alice.pk)
    assert (fact.resolved_at, fact.resolver_id) == (now + 2 * DAY, cast.bob.pk)
    assert fact.reopened_ats == [now + DAY]


def test_time_spent_solved_before_a_reopening_is_not_waiting(cast, now):
    ticket = solved(cast, at=now)
    make.customer_message(ticket, now=now + DAY)
    derived(ticket)
    spans = FactWaitSegment.objects.filter(ticket=ticket).order_by("started_at")
    assert [(s.waits_on, s.started_at, s.ended_at) for s in spans] == [
        ("us", now, now + HOUR),
        ("nobody", now + HOUR, now + DAY),
        ("us", now + DAY, None),
    ]


def test_a_thank_you_reopens_nothing_once_it_was_ticked_as_such(cast, now):
    ticket = solved(cast, at=now)
    thanks = make.customer_message(ticket, "Thank you!", now=now + DAY)
    tick = {"message": thanks.pk, "needs_no_action": True}
    events.record("message.no_action", ticket=ticket, by=cast.acting("alice"), at=now + DAY, data=tick)
    [fact] = derived(ticket)
    assert fact.reopened_ats == []
    assert fact.resolved_at == now + HOUR
    assert FactContact.objects.get(ticket=ticket, started_at=now + DAY).why_not == "no_action"


def test_the_tick_can_be_taken_back(cast, now):
    ticket = solved(cast, at=now)
    message = make.customer_message(ticket, "Thanks, but it is still broken", now=now + DAY)
    for flag in (True, False):
        tick = {"message": message.pk, "needs_no_action": flag}
        events.record("message.no_action", ticket=ticket, by=cast.acting("alice"), at=now + DAY, data=tick)
    [fact] = derived(ticket)
    assert fact.reopened_ats == [now + DAY]


def test_a_ticket_that_closed_by_itself_is_not_resolved(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    answer(ticket, cast.acting("alice"), now + HOUR)
    ticket.close(by=SYSTEM, now=now + 10 * DAY)
    [fact] = derived(ticket)
    assert fact.resolved_at is None
    assert fact.closed_at == now + 10 * DAY


def test_moving_a_ticket_cuts_its_wait_by_queue(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    ticket.move_to(cast.refunds, by=cast.acting("alice"), now=now + HOUR)
    [fact] = derived(ticket)
    spans = list(
        FactWaitSegment.objects.filter(ticket=ticket)
        .order_by("started_at")
        .values_list("queue_id", flat=True)
    )
    assert spans == [cast.orders.pk, cast.refunds.pk]
    assert fact.queue_id == cast.refunds.pk


def test_a_promise_is_kept_or_broken_but_never_both(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    made = Promise.objects.create(ticket=ticket, from_at=now, due_at=now + HOUR, made_at=now)
    said = {"promise": made.pk, "due_at": made.due_at.isoformat(), "certainty": 0.8, "kind": "answer"}
    events.record("promise.made", ticket=ticket, by=SYSTEM, at=now, data=said)
    mark_overdue_broken(now=now + 2 * HOUR)
    keep_open_promises(ticket, by=cast.acting("alice"), now=now + 3 * HOUR)
    events.record("promise.kept", ticket=ticket, by=SYSTEM, at=now + 3 * HOUR, data={"promise": made.pk})
    derived(ticket)
    promise = FactPromise.objects.get()
    assert (promise.outcome, promise.settled_at) == ("broken", now + 2 * HOUR)


def test_business_seconds_stop_at_night_and_name_their_calendar(cast, now):
    from tests.tickets.hours.test_opening_hours import office
    from tickets.hours import opening_hours

    calendar = office()
    opening_hours.publish_version(calendar, now=now)
    cast.orders.calendar = calendar
    cast.orders.save(update_fields=["calendar"])
    ticket = make.ticket(cast.web, cast.dana, now=now)  # 13:00 in Paris
    answer(ticket, cast.acting("alice"), now + DAY)
    [fact] = derived(ticket)
    assert fact.first_reply_seconds == 86_400
    assert fact.first_reply_open_seconds == 8 * 3600
    assert (fact.calendar_id, fact.calendar_version) == (calendar.pk, 1)


def test_deriving_twice_changes_nothing(cast, now):
    ticket = solved(cast, at=now)
    first, second = derived(ticket), derived(ticket)
    assert [f.__dict__ | {"_state": 0} for f in first] == [f.__dict__ | {"_state": 0} for f in second]


def test_what_a_customer_writes_before_the_answer_is_one_contact(cast, now):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    make.customer_message(ticket, now=now + timedelta(minutes=5))
    answer(ticket, cast.acting("alice"), now + HOUR)
    make.customer_message(ticket, now=now + DAY)
    derived(ticket)
    starts = FactContact.objects.filter(ticket=ticket, why_not="").order_by("started_at")
    assert [c.started_at for c in starts] == [now, now + DAY]
    assert [c.repeat_at for c in starts] == [now + DAY, None]

"""Past days read from rows: what came and what became of it, who was there by their own clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from routing.models import (
    AgentSkill,
    Leave,
    PresenceSpan,
    QueueRules,
    QueueSkill,
    Shift,
    ShiftPattern,
    Skill,
    WorkItem,
)
from routing.what_if import history
from routing.workforce.shifts import plan_shifts
from tests import make
from tests.cast import NOON
from tests.routing.scene import there
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.errors import Invalid
from tickets.models import Call, Contact, SlaPolicy

BEGIN = NOON.replace(hour=0)
END = BEGIN + timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def alice(cast):
    return there(cast.alice, BEGIN, schedule="planned")


def at_work(agent, hours=8):
    Shift.objects.create(agent=agent, during=(NOON - 4 * 60 * MINUTE, NOON + (hours - 4) * 60 * MINUTE))


def read(cast, **span):
    return history.load_history([cast.orders.pk], span.get("begin", BEGIN), span.get("end", END))


def contact(cast, slug, minutes=5, *, is_live=True, now=NOON):
    """Let somebody reach out for some minutes; the ticket's own contact goes, this one counts."""
    ticket = make.ticket(cast.web, cast.dana, now=now)
    ticket.contacts.all().delete()
    ended = now + minutes * MINUTE if minutes else None
    return Contact.objects.create(
        ticket=ticket, customer=cast.dana, channel_slug=slug, is_live=is_live, started_at=now, ended_at=ended
    )


def answer(cast, ticket, now):
    replies.reply(ticket, Words("We send a new one."), by=cast.acting("alice"), now=now)


def only(found):
    (arrival,) = found.stretch.arrivals
    return arrival


def test_chat_waits_until_it_is_taken_and_lasts_until_it_ends(cast, alice):
    at_work(alice)
    found = contact(cast, "chat")
    WorkItem.objects.filter(ticket=found.ticket).delete()
    WorkItem.objects.create(
        kind="chat", state="closed", ticket=found.ticket, queue=cast.orders, owner=alice,
        eligible_at=NOON, given_at=NOON + MINUTE, closed_at=NOON + 5 * MINUTE,
    )  # fmt: skip
    arrival = only(read(cast))
    assert (arrival.medium, arrival.at, arrival.by) == ("chat", 12 * 3600, alice.pk)
    assert (arrival.waited, arrival.handled, arrival.left) == (60, 240, False)


def test_chat_nobody_took_says_how_patient_somebody_was(cast, alice):
    at_work(alice)
    contact(cast, "chat", 3)
    arrival = only(read(cast))
    assert (arrival.waited, arrival.left, arrival.handled) == (180, True, None)


@pytest.mark.parametrize(("result", "known"), [("answered", (30, 270, False)), ("missed", (300, None, True))])
def test_call_is_known_from_the_telephone(cast, alice, result, known):
    at_work(alice)
    found = contact(cast, "phone")
    answered = NOON + timedelta(seconds=30) if result == "answered" else None
    Call.objects.create(
        channel=cast.phone, external_id="1", contact=found, ticket=found.ticket, direction="in",
        result=result, agent=cast.alice, started_at=NOON, answered_at=answered, ended_at=found.ended_at,
    )  # fmt: skip
    arrival = only(read(cast))
    assert (arrival.medium, arrival.waited, arrival.handled, arrival.left) == ("voice", *known)


def test_our_own_calls_are_nobodys_arrival(cast, alice):
    at_work(alice)
    found = contact(cast, "phone")
    Call.objects.create(
        channel=cast.phone,
        external_id="1",
        contact=found,
        direction="out",
        result="answered",
        started_at=NOON,
    )
    with pytest.raises(Invalid, match="Nothing was received"):
        read(cast)


def test_mail_was_worked_on_since_its_writer_did_something_else(cast, alice):
    at_work(alice)
    first = make.ticket(cast.web, cast.dana, now=NOON)
    second = make.ticket(cast.web, cast.emile, now=NOON)
    answer(cast, first, NOON + 90 * MINUTE)
    answer(cast, second, NOON + 100 * MINUTE)
    assert [one.handled for one in read(cast).stretch.arrivals] == [None, 600]  # 90 minutes were no handling


def test_mail_from_before_that_nobody_had_answered_counts_from_the_start(cast, alice):
    at_work(alice)
    make.ticket(cast.web, cast.dana, now=BEGIN - 60 * MINUTE)
    found = read(cast)
    assert (only(found).at, found.assumed["backlog"]) == (0, 1)


def test_who_helped_before_is_known_and_whose_case_it_is(cast, alice):
    at_work(alice)
    old = make.ticket(cast.web, cast.dana, now=NOON - timedelta(days=3))
    answer(cast, old, NOON - timedelta(days=2))
    make.ticket(cast.web, cast.dana, now=NOON)
    arrival = only(read(cast))
    assert (arrival.past, arrival.owns_case, arrival.days) == (alice.pk, False, 2)
    make.customer_message(old, now=NOON + MINUTE)
    assert [one.owns_case for one in read(cast).stretch.arrivals] == [False, True]


def test_what_the_queue_asks_for_goes_with_the_contact(cast, alice):
    at_work(alice)
    skill = Skill.objects.create(slug="lamps", name_en="Lamps", name_fr="Lampes")
    AgentSkill.objects.create(agent=alice, skill=skill, level=4)
    QueueSkill.objects.create(queue=cast.orders, skill=skill, required_level=2, wanted_level=4)
    QueueRules.objects.create(queue=cast.orders, language="required", weight=2.0)
    SlaPolicy.objects.create(
        queue=cast.orders, priority=1, first_response_minutes=60, next_response_minutes=30
    )
    make.ticket(cast.web, cast.emile, now=NOON)
    found = read(cast)
    arrival = only(found)
    assert (arrival.topic, arrival.least, arrival.wanted) == ("lamps", 2, 4)
    assert (arrival.language, arrival.must_speak) == (only(found).language, True)
    assert (arrival.weight, arrival.target) == (2.0, 3600)
    assert found.stretch.people[0].levels == {"lamps": 4}


def test_people_work_by_their_own_clock_over_a_change_of_it(cast):
    bob = there(cast.bob, BEGIN, schedule="planned", time_zone="Europe/Paris")
    sunday = datetime(2026, 10, 25, tzinfo=ZoneInfo("Europe/Paris"))  # clocks go back at three
    for weekday in (5, 6):
        ShiftPattern.objects.create(agent=bob, weekday=weekday, starts="09:00", ends="12:00")
    plan_shifts(sunday.astimezone(UTC) - timedelta(days=7))
    make.ticket(cast.web, cast.dana, now=sunday.astimezone(UTC))
    found = read(cast, begin=sunday - timedelta(days=1), end=sunday + timedelta(days=1))
    hours = [(begin / 3600, end / 3600) for begin, end in found.stretch.people[0].slots]
    assert hours == [(9, 12), (24 + 10, 24 + 13)]


def test_absence_is_cut_out_of_a_shift_and_a_break_kept_in_it(cast, alice):
    at_work(alice)
    make.ticket(cast.web, cast.dana, now=NOON)
    Leave.objects.create(agent=alice, during=(NOON + 60 * MINUTE, NOON + 120 * MINUTE))
    PresenceSpan.objects.filter(agent=alice).delete()
    PresenceSpan.objects.create(
        agent=alice, during=(NOON, NOON + 10 * MINUTE), status="break", works_from="office"
    )
    (person,) = read(cast).stretch.people
    assert [(b / 3600, e / 3600) for b, e in person.slots] == [(8, 13), (14, 16)]
    assert person.breaks == ((12 * 3600, 12 * 3600 + 600),)


def test_whoever_comes_at_will_worked_while_they_were_there(cast):
    bob = there(cast.bob, BEGIN)
    PresenceSpan.objects.filter(agent=bob).delete()
    PresenceSpan.objects.create(
        agent=bob, during=(NOON, NOON + 60 * MINUTE), status="available", works_from="home"
    )
    make.ticket(cast.web, cast.dana, now=NOON)
    (person,) = read(cast).stretch.people
    assert person.slots == ((12 * 3600, 13 * 3600),)


def test_hours_of_whom_no_presence_tells_follow_from_their_answers(cast):
    alice = there(cast.alice, BEGIN)
    PresenceSpan.objects.filter(agent=alice).delete()
    ticket = make.ticket(cast.web, cast.dana, now=NOON)
    answer(cast, ticket, NOON + 60 * MINUTE)
    found = read(cast)
    assert found.stretch.people[0].slots == ((12.75 * 3600, 13.25 * 3600),)
    assert found.assumed["guessed"] == 1


def test_days_nobody_worked_in_are_refused(cast):
    make.ticket(cast.web, cast.dana, now=NOON)
    there(cast.bob, BEGIN, schedule="planned")
    with pytest.raises(Invalid, match="Nobody is known"):
        read(cast)


def test_reading_takes_as_many_queries_for_many(cast, alice, django_assert_num_queries):
    at_work(alice)
    make.ticket(cast.web, cast.dana, now=NOON)
    with django_assert_num_queries(12):
        read(cast)
    for minute in range(1, 4):
        make.ticket(cast.web, cast.emile, now=NOON + minute * MINUTE)
    with django_assert_num_queries(12):
        read(cast)

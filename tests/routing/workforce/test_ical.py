"""Shifts go out as iCalendar and come in from it, on the right clock on both sides of a change."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from routing.errors import BadCalendar
from routing.models import Leave, Shift
from routing.workforce import ical
from tests.cast import NOON
from tests.routing.scene import there


def file(*lines, uid="a@home"):
    entry = ["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *entry, "END:VCALENDAR", ""]).encode()


def laid(agent, model=Shift):
    rows = model.objects.filter(agent=agent).order_by("during")
    return [(row.during.lower.astimezone(UTC), row.during.upper.astimezone(UTC)) for row in rows]


def test_export_names_the_zone_and_can_be_read_again(cast):
    bob = there(cast.bob, time_zone="America/Toronto")
    Shift.objects.create(agent=bob, during=(NOON, NOON + timedelta(hours=4)))
    raw = ical.export_calendar(bob, now=NOON)
    (event,) = Calendar.from_ical(raw).walk("VEVENT")
    assert event.decoded("dtstart") == NOON
    assert b"BEGIN:VTIMEZONE" in raw
    assert b"America/Toronto" in raw


def test_weekly_rule_keeps_its_wall_clock_when_the_clocks_change(cast):
    alice = there(cast.alice, time_zone="Europe/Paris")
    raw = file(
        "DTSTART;TZID=Europe/Paris:20270322T090000", "DTEND;TZID=Europe/Paris:20270322T170000",
        "RRULE:FREQ=WEEKLY;COUNT=2",
    )  # fmt: skip
    done = ical.import_calendar(raw, alice, "shifts", now=NOON)
    assert (done.taken, [start.hour for start, _end in laid(alice)]) == (2, [8, 7])


def test_times_without_a_zone_are_the_persons_own(cast):
    bob = there(cast.bob, time_zone="America/Toronto")
    ical.import_calendar(file("DTSTART:20270104T090000", "DTEND:20270104T120000"), bob, "shifts", now=NOON)
    assert laid(bob)[0][0] == datetime(2027, 1, 4, 14, 0, tzinfo=UTC)


def test_whole_days_are_absences_to_their_end(cast):
    alice = there(cast.alice, time_zone="Europe/Paris")
    raw = file("DTSTART;VALUE=DATE:20270104", "DTEND;VALUE=DATE:20270106")
    ical.import_calendar(raw, alice, "leave", now=NOON)
    assert laid(alice, Leave) == [
        (datetime(2027, 1, 3, 23, 0, tzinfo=UTC), datetime(2027, 1, 5, 23, 0, tzinfo=UTC))
    ]


def test_reading_again_replaces_what_the_file_brought_and_leaves_the_rest(cast):
    alice = there(cast.alice)
    own = Shift.objects.create(
        agent=alice, during=(NOON + timedelta(days=1), NOON + timedelta(days=1, hours=2))
    )
    for day in ("04", "11"):
        raw = file(f"DTSTART:202701{day}T090000Z", f"DTEND:202701{day}T120000Z")
        ical.import_calendar(raw, alice, "shifts", now=NOON)
    assert [start.day for start, _end in laid(alice)] == [19, 11]
    assert Shift.objects.filter(pk=own.pk).exists()


def test_entry_over_a_shift_set_by_hand_is_left_out_and_counted(cast):
    alice = there(cast.alice)
    start = datetime(2027, 1, 4, 9, tzinfo=UTC)
    Shift.objects.create(agent=alice, during=(start, start + timedelta(hours=1)))
    raw = file("DTSTART:20270104T090000Z", "DTEND:20270104T120000Z")
    done = ical.import_calendar(raw, alice, "shifts", now=NOON)
    assert (done.taken, done.left_out) == (0, 1)


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:20270104T090000Z", "DTEND:20270104T120000Z", "STATUS:CANCELLED"],
        ["DTSTART:20200104T090000Z", "DTEND:20200104T120000Z"],
        ["DTSTART:20350104T090000Z", "DTEND:20350104T120000Z"],
        ["DTSTART:20270104T090000Z", "DTEND:20270104T080000Z"],
        ["DTSTART:20270104T090000Z"],
    ],
)
def test_cancelled_past_far_and_empty_entries_bring_nothing(cast, lines):
    assert ical.import_calendar(file(*lines), there(cast.alice), "shifts", now=NOON).taken == 0


def test_excepted_day_and_end_of_a_rule_count(cast):
    raw = file(
        "DTSTART:20270104T090000", "DTEND:20270104T120000", "RRULE:FREQ=DAILY;UNTIL=20270107T090000",
        "EXDATE:20270105T090000",
    )  # fmt: skip
    alice = there(cast.alice)
    ical.import_calendar(raw, alice, "shifts", now=NOON)
    assert [start.day for start, _end in laid(alice)] == [4, 6, 7]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00 not a calendar",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        file("DTSTART:tomorrow"),
        file("SUMMARY:no start"),
        file("DTSTART:20270104T090000Z", "DTEND:20270104T120000Z", "RRULE:FREQ=SECONDLY"),
        b"x" * 1_000_001,
    ],
)
def test_what_is_no_calendar_is_said_to_be_none(cast, raw):
    with pytest.raises(BadCalendar):
        ical.import_calendar(raw, there(cast.alice), "leave", now=NOON)


def test_new_address_ends_the_old_one(cast):
    alice = there(cast.alice)
    old, new = ical.create_subscription_token(alice), ical.create_subscription_token(alice)
    assert ical.find_agent_by_token(old) is None
    assert ical.find_agent_by_token(new) == alice
    assert ical.find_agent_by_token("") is None

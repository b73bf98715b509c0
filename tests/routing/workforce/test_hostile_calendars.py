"""Whatever a calendar file says, reading it ends soon, outside the web process, with a sentence."""

import resource
import time
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.errors import BadCalendar
from routing.models import Shift
from routing.workforce import calendar_process, ical
from tests.cast import NOON
from tests.routing.scene import there

STARTS = "DTSTART:20270104T090000\r\nDTEND:20270104T120000\r\n"
NEVER = "BYMONTH=2;BYMONTHDAY=30"


def file(entry, *, around=""):
    body = f"BEGIN:VEVENT\r\nUID:a\r\n{STARTS}{entry}\r\nEND:VEVENT\r\n"
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{around}{body}END:VCALENDAR\r\n".encode()


def days(count):
    return ",".join(f"2027{1 + n % 12:02}{1 + n % 28:02}T{n % 24:02}0000" for n in range(count))


ZONE = """\
BEGIN:VTIMEZONE
TZID:Z{n}
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0100
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
SECONDS_OF_A_DAY = "BYHOUR={};BYMINUTE={};BYSECOND={}".format(
    *(",".join(map(str, range(n))) for n in (24, 60, 60))
)
HOSTILE = {
    "secondly, never": file(f"RRULE:FREQ=SECONDLY;{NEVER}"),
    "minutely, never": file(f"RRULE:FREQ=MINUTELY;{NEVER}"),
    "hourly, never": file(f"RRULE:FREQ=HOURLY;{NEVER}"),
    "daily, never": file(f"RRULE:FREQ=DAILY;{NEVER}"),
    "weekly, never": file(f"RRULE:FREQ=WEEKLY;{NEVER}"),
    "yearly, never": file("RRULE:FREQ=YEARLY;BYMONTH=1;BYWEEKNO=40"),
    "a set position that is never there": file("RRULE:FREQ=DAILY;BYSETPOS=366"),
    "never, many times": b"".join([file(f"RRULE:FREQ=YEARLY;{NEVER}")] * 200),
    "a large count": file("RRULE:FREQ=DAILY;COUNT=99999999999999999999"),
    "a large interval": file("RRULE:FREQ=DAILY;INTERVAL=99999999999999999999"),
    "no interval": file("RRULE:FREQ=DAILY;INTERVAL=0"),
    "all seconds of a day": file(f"RRULE:FREQ=DAILY;{SECONDS_OF_A_DAY}"),
    "many rules": file("\r\n".join(["RRULE:FREQ=DAILY"] * 5000)),
    "many exceptions": file(f"RRULE:FREQ=DAILY\r\nEXDATE:{days(50_000)}"),
    "many more dates": file(f"RDATE:{days(50_000)}"),
    "many zones": file("", around="".join(ZONE.format(n=n) for n in range(5000))),
    "deeply nested": b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 60_000,
    "one long line": file("SUMMARY:" + "x" * 900_000),
    "one folded line": file("SUMMARY:" + "x\r\n " * 200_000),
    "many entries": b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 9000 + b"END:VCALENDAR",
    "the end of time": file("RRULE:FREQ=YEARLY;UNTIL=99991231T235959Z\r\nDURATION:P99999999999999D"),
    "a parameter without end": file("X" + ";A=B" * 200_000 + ":c"),
    "quotes": file('X;A="' * 100_000),
}  # fmt: skip


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_ends_soon_and_costs_this_process_nothing(raw, cast):
    started, before = time.monotonic(), cpu_seconds()
    with suppress(BadCalendar):
        ical.import_calendar(raw[: ical.LARGEST_FILE], there(cast.alice), "shifts", now=NOON)
    assert time.monotonic() - started < calendar_process.SECONDS + 2
    assert cpu_seconds() - before < 1.5


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (HOSTILE["secondly, never"], "too_fine"),
        (HOSTILE["daily, never"], "too_costly"),
        (HOSTILE["all seconds of a day"], "too_many"),
        (HOSTILE["many rules"], "bad_calendar"),
    ],
)
def test_the_person_is_told_what_is_wrong_with_the_file(raw, code, cast, client):
    there(cast.alice)
    client.force_login(cast.alice)
    upload = SimpleUploadedFile("a.ics", raw, "text/calendar")
    page = client.post(reverse("routing:import_calendar"), {"as": "shifts", "calendar": upload})
    sentence = calendar_process._sentences().get(code, "We cannot read this calendar.")
    assert sentence in page.content.decode()
    assert not Shift.objects.exists()


def test_while_a_few_are_read_the_next_one_is_refused(cast, monkeypatch):
    monkeypatch.setattr(calendar_process, "SECONDS", 0.1)
    for _each in range(calendar_process.AT_ONCE):
        assert calendar_process._places.acquire(timeout=1)
    try:
        with pytest.raises(BadCalendar) as refused:
            ical.import_calendar(file(""), there(cast.alice), "shifts", now=NOON)
    finally:
        for _each in range(calendar_process.AT_ONCE):
            calendar_process._places.release()
    assert refused.value.code == "busy"


numbers = st.lists(st.integers(-400, 400), min_size=1, max_size=4).map(lambda some: ",".join(map(str, some)))
parts = st.dictionaries(
    st.sampled_from(
        [
            "INTERVAL",
            "COUNT",
            "BYMONTH",
            "BYMONTHDAY",
            "BYYEARDAY",
            "BYWEEKNO",
            "BYSETPOS",
            "BYHOUR",
            "BYEASTER",
        ]
    ),
    numbers,
    max_size=5,
)
frequencies = st.sampled_from(["SECONDLY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "NEVER"])


@given(frequencies, parts)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rule_ends_within_the_budget(frequency, parts):
    rule = ";".join([f"FREQ={frequency}", *(f"{name}={value}" for name, value in parts.items())])
    started = time.monotonic()
    with suppress(BadCalendar):
        calendar_process.read_entries(file(f"RRULE:{rule}"), ZoneInfo("Europe/Paris"), NOON)
    assert time.monotonic() - started < calendar_process.SECONDS + 2

"""Appointments are read in their own time zone, whatever part and zone name they come with."""

import base64
import time

import pytest

from tickets.channels.email.parsing import parse_email

HEAD = "From: Dana <dana@petit.example>\nSubject: Visit\nMIME-Version: 1.0\n"
ZONE = [
    "BEGIN:VTIMEZONE", "TZID:{name}", "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
    "BEGIN:DAYLIGHT",
    "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
    "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE",
]  # fmt: skip


def calendar(*event, zone=(), method="REQUEST"):
    lines = [
        "BEGIN:VCALENDAR",
        f"METHOD:{method}",
        *zone,
        "BEGIN:VEVENT",
        *event,
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(lines)


def invitations(text, kind="text/calendar; charset=utf-8", *headers):
    lines = [f"{HEAD}Content-Type: {kind}", *headers, "", text]
    return parse_email("\n".join(lines).encode()).invitations


def starts(*event, zone=()):
    (one,) = invitations(calendar(*event, zone=zone))
    return one.starts, one.zone


NAMES = {
    "Romance Standard Time": "2027-05-03T14:00:00+00:00",
    "W. Europe Standard Time": "2027-05-03T14:00:00+00:00",
    "W. Europe Standard Time 1": "2027-05-03T14:00:00+00:00",
    "GMT Standard Time": "2027-05-03T15:00:00+00:00",
    "Eastern Standard Time": "2027-05-03T20:00:00+00:00",
    "India Standard Time": "2027-05-03T10:30:00+00:00",
    "AUS Eastern Standard Time": "2027-05-03T06:00:00+00:00",
    "Europe/Paris": "2027-05-03T14:00:00+00:00",
    "/freeassociation.sourceforge.net/Europe/Paris": "2027-05-03T14:00:00+00:00",
    "/mozilla.org/20050126_1/Europe/Berlin": "2027-05-03T14:00:00+00:00",
    "tzone://Microsoft/Utc": "2027-05-03T16:00:00+00:00",
    "UTC": "2027-05-03T16:00:00+00:00",
    "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris": "2027-05-03T14:00:00+00:00",
    "(GMT-05:00) Nowhere": "2027-05-03T21:00:00+00:00",
    "GMT+0200": "2027-05-03T14:00:00+00:00",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_zone_is_known_by_every_usual_name(name):
    assert starts(f'DTSTART;TZID="{name}":20270503T160000') == (NAMES[name], "")


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("20270503T160000", "2027-05-03T14:00:00+00:00"),
        ("20270115T160000", "2027-01-15T15:00:00+00:00"),
        ("20270328T015900", "2027-03-28T00:59:00+00:00"),
        ("20270328T030100", "2027-03-28T01:01:00+00:00"),
        ("20271031T040000", "2027-10-31T03:00:00+00:00"),
    ],
)
def test_a_zone_is_what_the_file_says(local, utc):
    zone = [line.format(name="Customized Time Zone") for line in ZONE]
    assert starts(f"DTSTART;TZID=Customized Time Zone:{local}", zone=zone) == (utc, "")


def test_a_rule_that_has_ended_no_longer_changes_the_clock():
    zone = [line.format(name="Mine").replace("INTERVAL=1", "UNTIL=20101231T000000Z") for line in ZONE]
    assert starts("DTSTART;TZID=Mine:20270703T160000", zone=zone) == ("2027-07-03T15:00:00+00:00", "")


def test_a_zone_of_one_offset_is_read():
    zone = ["BEGIN:VTIMEZONE", "TZID:Fix", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0530",
            "TZOFFSETTO:+0530", "END:STANDARD", "END:VTIMEZONE"]  # fmt: skip
    assert starts("DTSTART;TZID=Fix:20270503T160000", zone=zone) == ("2027-05-03T10:30:00+00:00", "")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=YEARLY;BYSECOND=1",
        "FREQ=YEARLY;BYDAY=9XX",
        "FREQ=YEARLY;BYMONTH=99",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYDAY=5SU;BYMONTHDAY=1",
        "x" * 100,
    ],
)
def test_a_hostile_rule_costs_no_time(rule):
    zone = [line.format(name="Mine") if "RRULE" not in line else f"RRULE:{rule}" for line in ZONE]
    begun = time.perf_counter()
    starts("DTSTART;TZID=Mine:20270703T160000", zone=zone * 30)
    assert time.perf_counter() - begun < 1


WAYS = [
    ('application/octet-stream; name="invite.ics"', 'Content-Disposition: attachment; filename="invite.ics"'),
    ("application/octet-stream", "Content-Disposition: attachment"),
    ('text/plain; name="meeting.ICS"', "Content-Disposition: attachment"),
    ("application/ics", ""),
    ("text/x-vcalendar", ""),
]


@pytest.mark.parametrize(("kind", "header"), WAYS)
def test_a_calendar_file_is_known_whatever_its_type(kind, header):
    text = calendar("DTSTART:20270503T140000Z", "SUMMARY:Visit")
    (plain,) = invitations(text, kind, header or "X-Any: 1")
    (packed,) = invitations(
        base64.encodebytes(text.encode()).decode(),
        kind,
        header or "X-Any: 1",
        "Content-Transfer-Encoding: base64",
    )
    assert plain.starts == packed.starts == "2027-05-03T14:00:00+00:00"


@pytest.mark.parametrize("answer", ["ACCEPTED", "DECLINED", "TENTATIVE"])
def test_an_answer_says_who_answers_what(answer):
    event = ("DTSTART:20270503T140000Z", f"ATTENDEE;CN=Nora;PARTSTAT={answer}:mailto:nora@field.example")
    (one,) = invitations(calendar(*event, method="REPLY"))
    assert (one.method, one.attendee, one.answer) == ("REPLY", "nora@field.example", answer)


def test_an_invitation_answers_nothing():
    event = ("DTSTART:20270503T140000Z", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:support@demo.example")
    (one,) = invitations(calendar(*event))
    assert (one.attendee, one.answer) == ("", "")


def test_the_method_of_a_file_without_a_type_is_told():
    text = calendar("SUMMARY:x", method="REPLY")
    raw = f'{HEAD}Content-Type: application/octet-stream; name="a.ics"\n\n{text}'
    assert parse_email(raw.encode()).envelope.calendar_method == "REPLY"

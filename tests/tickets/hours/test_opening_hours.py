"""Opening hours as rows: versions keep the past, and intervals become a value."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tickets.errors import Invalid
from tickets.hours import opening_hours
from tickets.hours.business_time import ALWAYS_OPEN
from tickets.models import Calendar, Event, Holiday, OpeningInterval, OpeningRule

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


def office(**fields) -> Calendar:
    calendar = Calendar.objects.create(name="Office", **fields)
    for day in range(5):
        OpeningRule.objects.create(calendar=calendar, weekday=day, opens=time(9), closes=time(17))
    return calendar


def paris(*parts):
    return datetime(*parts, tzinfo=PARIS)


@pytest.mark.django_db
def test_the_sweep_gives_a_new_calendar_its_intervals(django_assert_num_queries):
    calendar = office()
    assert opening_hours.extend_calendars(now=NOW) == 1
    assert opening_hours.extend_calendars(now=NOW) == 0
    with django_assert_num_queries(1):
        hours = opening_hours.load_hours(calendar)
    assert hours.seconds_between(paris(2026, 11, 16), paris(2026, 11, 23)) == 40 * 3600
    assert hours.intervals[-1].close_at > NOW + timedelta(days=700)


@pytest.mark.django_db
def test_a_year_later_the_intervals_go_on_without_a_new_version():
    calendar = office()
    opening_hours.extend_calendars(now=NOW)
    before = opening_hours.load_hours(calendar)
    later = NOW + timedelta(days=400)
    assert opening_hours.extend_calendars(now=later) == 1
    calendar.refresh_from_db()
    after = opening_hours.load_hours(calendar)
    assert calendar.version == 1
    assert after.intervals[: len(before.intervals)] == before.intervals
    assert after.intervals[-1].close_at > later + timedelta(days=700)


@pytest.mark.django_db
def test_a_change_makes_a_version_that_keeps_the_past():
    calendar = office()
    opening_hours.publish_version(calendar, now=NOW)
    old = opening_hours.load_hours(calendar)
    calendar.rules.update(closes=time(20))
    assert opening_hours.publish_version(calendar, now=NOW) == 2
    calendar.refresh_from_db()
    new = opening_hours.load_hours(calendar)
    last_week = paris(2026, 11, 9), paris(2026, 11, 16)
    next_week = paris(2026, 11, 23), paris(2026, 11, 30)
    assert new.seconds_between(*last_week) == old.seconds_between(*last_week) == 40 * 3600
    assert new.seconds_between(*next_week) == 55 * 3600


@pytest.mark.django_db
def test_recomputing_the_past_is_asked_for_and_recorded():
    calendar = office()
    opening_hours.publish_version(calendar, now=NOW)
    calendar.rules.update(closes=time(20))
    opening_hours.publish_version(calendar, now=NOW, rewrites_past=True)
    calendar.refresh_from_db()
    hours = opening_hours.load_hours(calendar)
    assert hours.seconds_between(paris(2026, 11, 9), paris(2026, 11, 16)) == 55 * 3600
    assert Event.objects.get(kind="config.changed").data["fields"] == ["past intervals"]


@pytest.mark.django_db
def test_closed_days_and_public_holidays_are_not_open():
    calendar = office(holidays_of="FR")
    Holiday.objects.create(calendar=calendar, day=date(2026, 11, 20))
    opening_hours.publish_version(calendar, now=NOW)
    hours = opening_hours.load_hours(calendar)
    assert not hours.is_open(paris(2026, 11, 11, 10))
    assert not hours.is_open(paris(2026, 11, 20, 10))
    assert hours.find_next_opening(paris(2026, 12, 25, 10)) == paris(2026, 12, 28, 9)


@pytest.mark.django_db
def test_a_place_without_known_holidays_is_refused_not_guessed():
    with pytest.raises(Invalid, match="67"):
        opening_hours.publish_version(office(holidays_of="67"), now=NOW)
    assert not OpeningInterval.objects.exists()


@pytest.mark.django_db
def test_without_hours_or_always_open_every_moment_counts():
    always = Calendar.objects.create(name="Always", is_always_open=True)
    assert opening_hours.load_hours(None) == opening_hours.load_hours(always) == ALWAYS_OPEN
    opening_hours.extend_calendars(now=NOW)
    assert always.intervals.count() == 1


@pytest.mark.django_db
def test_a_calendar_that_was_always_open_stays_so_in_the_past():
    calendar = office(is_always_open=True)
    opening_hours.publish_version(calendar, now=NOW)
    Calendar.objects.filter(pk=calendar.pk).update(is_always_open=False)
    calendar.refresh_from_db()
    opening_hours.publish_version(calendar, now=NOW)
    calendar.refresh_from_db()
    hours = opening_hours.load_hours(calendar)
    assert hours.seconds_between(NOW - timedelta(days=7), NOW) == 7 * 86400


@pytest.mark.django_db
def test_stored_prefix_sums_are_the_seconds_before_each_interval():
    calendar = office()
    opening_hours.publish_version(calendar, now=NOW)
    total = 0
    for row in calendar.intervals.order_by("open_at"):
        assert row.seconds_before == total
        total += (row.close_at - row.open_at).total_seconds()


@pytest.mark.django_db
def test_one_calendar_that_cannot_be_laid_out_does_not_stop_the_others():
    office(holidays_of="67")
    good = office()
    assert opening_hours.extend_calendars(now=NOW) == 1
    assert good.intervals.exists()

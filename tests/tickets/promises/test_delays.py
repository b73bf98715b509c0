"""If a promise cannot be kept, its customer is informed in time, where they wrote, and not too often."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests import make
from tickets.channels.chat import talking
from tickets.channels.email.outbound import outward
from tickets.conversation import replies
from tickets.conversation.delays import notify_of_delays
from tickets.conversation.replies import Words
from tickets.customers import links
from tickets.delivery import auto_mail
from tickets.hours import opening_hours
from tickets.models import (
    Calendar,
    ChatSession,
    Event,
    OpeningRule,
    Outbound,
    Reader,
)
from tickets.promises import callbacks, promises
from tickets.promises.promises import mark_overdue_broken
from tickets.sweeps import sweeps

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def told(ticket):
    return list(
        ticket.messages.filter(kind="out", is_auto=True).order_by("seq").values_list("text", flat=True)
    )


def mails(ticket):
    return list(Outbound.objects.filter(ticket=ticket, kind="notice").order_by("pk"))


def page_of(ticket, now):
    browser = Client()
    address = links.make_request_url(ticket.participants.first(), now=now).removeprefix(
        "http://127.0.0.1:8000"
    )
    browser.get(address)
    return browser.get(reverse("portal:request_page", args=[ticket.public_id])).text


def test_the_customer_is_told_when_most_of_the_time_has_passed(ticket, now, roster):
    roster(60, half=5)
    assert notify_of_delays(now=now + 47 * MINUTE) == 0
    assert notify_of_delays(now=now + 48 * MINUTE) == 1
    old, new = ticket.promises.order_by("pk")
    assert (old.replaced_by, old.broken_at, new.replaced_by) == (new, None, None)
    assert new.due_at > old.due_at
    assert (new.changes, new.made_at) == (1, now + 48 * MINUTE)


def test_the_words_are_an_apology_a_reason_and_a_new_time(ticket, now, roster):
    roster(90, there=1, ahead=1)
    notify_of_delays(now=now + 48 * MINUTE)
    (words,) = told(ticket)
    assert words == (
        "We promised an answer by 14:00 today, but it is taking longer. We are sorry. "
        "There are fewer of us here than when you wrote. "
        "Today between 14:30 and 15:20, a person will answer you. "
        "We will let you know if this changes. Times are in Paris time."
    )


@pytest.mark.parametrize(
    ("basis", "reason"),
    [
        ({"there": 1, "ahead": 9}, "people"),
        ({"there": 2, "ahead": 9}, "ahead"),
        ({"there": 2, "ahead": 2}, "slower"),  # one waited when they wrote, and with them it is two
        ({"there": 2, "ahead": 1}, "slower"),
        ({}, "people"),
    ],
)
def test_the_reason_is_what_has_changed_since(ticket, now, roster, basis, reason):
    roster(60, **basis)
    notify_of_delays(now=now + 50 * MINUTE)
    assert ticket.promises.latest("pk").reason == reason


def test_the_reason_looks_back_to_when_they_wrote(ticket, now, roster):
    roster(60, there=4, ahead=5)
    notify_of_delays(now=now + 50 * MINUTE)
    roster(300, there=3, ahead=9)
    notify_of_delays(now=now + 120 * MINUTE)
    assert [promise.reason for promise in ticket.promises.order_by("pk")] == ["", "ahead", "ahead"]


def test_whoever_has_the_request_is_named(cast, ticket, now):
    ticket.set_assignee(cast.alice, by=cast.acting("carol"), now=now, data={})
    notify_of_delays(now=now + 50 * MINUTE)
    assert "Alice has your request and needs more time for it." in told(ticket)[0]


def test_the_estimate_alone_can_tell_that_it_will_be_late(ticket, now, roster):
    roster(100, half=50)
    assert notify_of_delays(now=now + 5 * MINUTE) == 0  # more likely than not it is kept
    roster(200, half=70)
    assert notify_of_delays(now=now + 6 * MINUTE) == 1


def test_nobody_is_told_of_what_will_be_kept(ticket, now, roster):
    roster(5)
    assert notify_of_delays(now=now + 50 * MINUTE) == 0


def test_it_is_a_mail_in_the_thread_that_a_person_reads_answers_to(ticket, now):
    notify_of_delays(now=now + 48 * MINUTE)
    (row,) = mails(ticket)
    mail = outward.build(row, now=now)
    assert (mail.subject, mail.to) == (f"Re: Broken lamp [#{ticket.pk}]", ["dana@petit.example"])
    assert mail.extra_headers["Auto-Submitted"] == "auto-replied"
    assert mail.extra_headers["References"]
    assert mail.reply_to[0].startswith("support+")
    for part in (mail.body, str(mail.alternatives[0][0])):
        assert "We are sorry." in part
        assert "/r/" in part
        assert "Simply reply to this mail: a person reads it." in part


def test_a_typed_address_gets_no_word_of_the_senders(cast, roster, now):
    roster(60)
    ticket = make.typed_ticket(cast.web, "somebody@else.example", now=now)
    notify_of_delays(now=now + 50 * MINUTE)
    (row,) = mails(ticket)
    mail = outward.build(row, now=now)
    assert mail.subject == f"Tandem: news of your request [#{ticket.pk}]"
    assert "Typed" not in mail.body + str(mail.alternatives[0][0])


def test_a_typed_address_that_its_owner_has_proved_elsewhere_gets_none_either(cast, ticket, now):
    typed = make.typed_ticket(cast.web, "dana@petit.example", now=now)
    notify_of_delays(now=now + 50 * MINUTE)
    (own,), (row,) = mails(ticket), mails(typed)
    assert outward.build(own, now=now).subject == f"Re: Broken lamp [#{ticket.pk}]"
    assert outward.build(row, now=now).subject == f"Tandem: news of your request [#{typed.pk}]"


def test_the_request_page_tells_it_too(ticket, now):
    notify_of_delays(now=now + 48 * MINUTE)
    page = page_of(ticket, now)
    assert "We are sorry." in page
    assert "Automatic message" in page


def test_french_customers_are_told_in_french(cast, roster, now, settings):
    roster(60)
    ticket = make.ticket(cast.web, cast.emile, now=now)
    ticket.language = "fr"
    ticket.save()
    notify_of_delays(now=now + 50 * MINUTE)
    message = ticket.messages.get(is_auto=True)
    assert message.language == "fr"
    assert "today" not in message.text


def test_a_chat_is_told_in_the_chat(cast, roster, now):
    roster(20)
    ticket = make.ticket(cast.web, cast.dana, now=now)
    ticket.channel = cast.chat
    ticket.save()
    session = ChatSession.objects.create(
        channel=cast.chat, token_digest="d", ticket=ticket, opened_at=now, last_seen_at=now, language="en"
    )
    assert notify_of_delays(now=now + 17 * MINUTE) == 1
    lines = talking.news(session.pk, conversation="", after=0, now=now + 17 * MINUTE).lines
    (line,) = [line for line in lines if line["from"] == "us"]
    assert line["name"] == "Automatic message"
    assert "We are sorry." in line["text"]


def test_it_is_said_twice_at_most_and_then_the_page_owns_up(ticket, now):
    moments = [now + minutes * MINUTE for minutes in range(0, 600, 5)]
    for moment in moments:
        notify_of_delays(now=moment)
        mark_overdue_broken(now=moment)
    assert len(told(ticket)) == len(mails(ticket)) == 2
    assert "We will let you know if this changes." in told(ticket)[0]
    assert "if this changes" not in told(ticket)[1]
    first, second, last = ticket.promises.order_by("pk")
    assert (first.replaced_by, second.replaced_by, last.replaced_by) == (second, last, None)
    assert last.broken_at is not None
    assert second.made_at - first.made_at >= HOUR / 2
    assert last.made_at - second.made_at >= HOUR
    assert last.made_at < second.due_at  # before it broke


def test_one_told_twice_at_the_same_moment_is_told_once(ticket, now):
    assert notify_of_delays(now=now + 50 * MINUTE) == 1
    assert notify_of_delays(now=now + 50 * MINUTE) == 0


def test_an_answer_ends_it(cast, ticket, now):
    replies.reply(ticket, Words("Here it is."), by=cast.acting("alice"), now=now + 40 * MINUTE)
    assert notify_of_delays(now=now + 50 * MINUTE) == 0
    assert ticket.promises.get().kept_at is not None


def test_whoever_is_writing_the_answer_is_not_forestalled(cast, ticket, now):
    at = now + 50 * MINUTE
    Reader.objects.create(ticket=ticket, user=cast.alice, at=at, is_writing=True)
    assert notify_of_delays(now=at) == 0
    Reader.objects.update(at=now + 61 * MINUTE)
    assert notify_of_delays(now=now + 61 * MINUTE) == 1  # by then it is late


def test_an_answer_that_leaves_in_time_is_awaited(cast, ticket, now):
    replies.reply(
        ticket, Words("Later."), by=cast.acting("alice"), now=now, send_at=now + 55 * MINUTE, then="pending"
    )
    assert notify_of_delays(now=now + 50 * MINUTE) == 0


def test_what_broke_unseen_is_told_as_late(ticket, now):
    mark_overdue_broken(now=now + 2 * HOUR)
    assert notify_of_delays(now=now + 3 * HOUR) == 1
    assert told(ticket)[0].startswith("We promised an answer by 14:00 today, and we are late. We are sorry.")
    old = ticket.promises.order_by("pk")[0]
    assert old.broken_at == now + 2 * HOUR
    assert old.replaced_by is not None


def test_a_newer_promise_speaks_for_the_one_that_broke(ticket, now, roster):
    mark_overdue_broken(now=now + 2 * HOUR)
    roster(300, half=5)
    assert promises.promise_answer(ticket, now=now + 2 * HOUR) is not None
    assert notify_of_delays(now=now + 3 * HOUR) == 0


def test_who_waits_for_a_third_party_is_told_too(cast, ticket, now):
    ticket.put_on_hold(by=cast.acting("alice"), now=now)
    assert notify_of_delays(now=now + 50 * MINUTE) == 1


def test_what_has_been_late_for_days_is_no_news(ticket, now):
    assert notify_of_delays(now=now + timedelta(days=4)) == 0


def test_nobody_is_told_at_night(cast, roster):
    evening = datetime(2026, 11, 18, 19, 30, tzinfo=UTC)  # 20:30 in Paris
    roster(120)
    ticket = make.ticket(cast.web, cast.dana, now=evening)
    assert [notify_of_delays(now=evening + hours * HOUR) for hours in range(1, 10)] == [0] * 9
    assert notify_of_delays(now=evening + 11 * HOUR) == 1  # half past seven
    assert "are late" in told(ticket)[0]


def test_nobody_is_told_while_the_queue_is_closed(cast, roster, now):
    calendar = Calendar.objects.create(name="Mornings", time_zone="UTC")
    for weekday in range(7):
        OpeningRule.objects.create(calendar=calendar, weekday=weekday, opens="08:00", closes="13:00")
    opening_hours.publish_version(calendar, now=now)
    cast.orders.calendar = calendar
    cast.orders.save()
    roster(120)
    make.ticket(cast.web, cast.dana, now=now)
    assert notify_of_delays(now=now + 100 * MINUTE) == 0
    assert notify_of_delays(now=now + 21 * HOUR) == 1


def test_the_limits_of_automatic_mail_hold(ticket, now):
    for _ in range(10):
        auto_mail.reserve_automatic_mail("dana@petit.example", [], now=now + 50 * MINUTE)
    assert notify_of_delays(now=now + 50 * MINUTE) == 0
    assert ticket.promises.get().replaced_by is None


def test_who_cannot_be_told_is_promised_nothing_new(cast, roster, now):
    roster(60)
    ticket = make.ticket(cast.web, cast.dana, now=now)
    ticket.participants.update(identity=None)
    ticket.channel = cast.phone
    ticket.save()
    cast.dana.identities.all().delete()
    assert notify_of_delays(now=now + 50 * MINUTE) == 0
    assert ticket.promises.get().replaced_by is None


@pytest.mark.parametrize("verb", ["mark_spam", "close"])
def test_nobody_is_told_of_what_is_over(cast, ticket, now, verb):
    getattr(ticket, verb)(by=cast.acting("alice"), now=now)
    assert notify_of_delays(now=now + 50 * MINUTE) == 0


def test_where_nobody_can_say_when_that_is_said(ticket, now, roster):
    roster(None)
    assert notify_of_delays(now=now + 50 * MINUTE) == 1
    assert told(ticket)[0].endswith("A person will answer as soon as somebody is available.")
    assert ticket.promises.get().replaced_by is None
    assert notify_of_delays(now=now + 51 * MINUTE) == 0


def test_it_answers_nothing_and_closes_nothing(cast, ticket, now):
    before = (ticket.state, ticket.waiting_since, ticket.first_response_at, ticket.assignee_id)
    notify_of_delays(now=now + 50 * MINUTE)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.waiting_since, ticket.first_response_at, ticket.assignee_id) == before
    out = Event.objects.get(ticket=ticket, kind="message.out")
    assert (out.actor_kind, out.data["is_auto"]) == ("system", True)


def test_a_reply_begun_before_is_not_refused_for_it(cast, ticket, now):
    notify_of_delays(now=now + 50 * MINUTE)
    words = Words("Here it is.", seen_seq=1)
    assert replies.reply(ticket, words, by=cast.acting("alice"), now=now + 51 * MINUTE).pk


def test_a_call_back_is_told_before_its_window_ends(cast, ticket, now):
    begins = now + 2 * HOUR
    callbacks.request_callback(
        ticket, "+33123456789", from_at=begins, until_at=begins + HOUR, by=cast.acting("dana"), now=now
    )
    ticket.promises.filter(kind="answer").update(kept_at=now)
    assert notify_of_delays(now=begins + 40 * MINUTE) == 0
    assert notify_of_delays(now=begins + 50 * MINUTE) == 1
    assert "a person will call you." in told(ticket)[0]
    assert ticket.promises.latest("pk").kind == "callback"
    assert ticket.callbacks.get().state == "waiting"


def test_a_cancelled_call_is_told_nothing(cast, ticket, now):
    wish = callbacks.request_callback(
        ticket, "+33123456789", from_at=now, until_at=now + HOUR, by=cast.acting("dana"), now=now
    )
    ticket.promises.filter(kind="answer").update(kept_at=now)
    callbacks.cancel_callback(wish, by=cast.acting("dana"), now=now)
    assert notify_of_delays(now=now + 50 * MINUTE) == 0


def test_the_agent_sees_both_times_and_the_words(cast, ticket, now):
    notify_of_delays(now=now + 48 * MINUTE)
    client = Client()
    client.force_login(cast.alice)
    page = client.get(reverse("desk:ticket", args=[ticket.pk])).text
    assert "We are sorry." in page
    assert "Automatic message" in page
    assert "Promised anew, and the customer was told" in page
    card = client.get(reverse("desk:card", args=[ticket.pk])).text
    assert card.count("An answer by") == 2
    assert "replaced" in card


def test_the_list_shows_the_customers_words(cast, ticket, now):
    ticket.set_assignee(cast.alice, by=cast.acting("carol"), now=now, data={})
    notify_of_delays(now=now + 48 * MINUTE)
    client = Client()
    client.force_login(cast.alice)
    assert "My lamp arrived broken." in client.get(reverse("desk:list", args=["mine"])).text


def test_the_sweep_looks_every_minute(ticket):
    (sweep,) = [one for one in sweeps if one.name == "tell of delays"]
    assert sweep.seconds <= 60


def test_looking_costs_the_same_for_one_promise_and_for_many(
    cast, roster, now, django_assert_max_num_queries
):
    roster(60)
    for _ in range(12):
        make.ticket(cast.web, cast.dana, now=now)
    with django_assert_max_num_queries(3):
        assert notify_of_delays(now=now + MINUTE) == 0

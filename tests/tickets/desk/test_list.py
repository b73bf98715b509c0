"""The lists of the desk: who stands in them, in which order, page by page, at a flat cost."""

from datetime import timedelta

from django.urls import reverse

from tests import make
from tickets.clock import database_now
from tickets.conversation import replies, scheduled
from tickets.conversation.replies import Words
from tickets.models import Message, Reader, Ticket


def numbers(response):
    return [row.number for row in response.context["page"].rows]


def listed(client, slug, **query):
    return client.get(reverse("desk:list", args=[slug]), query)


def give(ticket, person):
    Ticket.objects.filter(pk=ticket.pk).update(assignee=person, state="open")


def many(cast, now, count):
    return [make.ticket(cast.web, cast.dana, now=now + timedelta(minutes=n)) for n in range(count)]


def first_row(client, cast):
    return listed(client, f"queue-{cast.orders.pk}").context["page"].rows[0]


def list_text(client, cast):
    return listed(client, f"queue-{cast.orders.pk}").content.decode()


def test_a_stranger_is_sent_to_sign_in(client, cast):
    response = client.get(reverse("desk:home"))
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_a_fragment_after_signing_out_takes_the_whole_page_to_sign_in(client, cast):
    response = client.get(reverse("desk:list", args=["mine"]), headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response["HX-Redirect"].startswith(reverse("account_login"))


def test_somebody_without_a_queue_gets_a_friendly_page(cast, signed_in):
    cast.mallory.memberships.all().delete()
    response = signed_in("mallory", fragments=False).get(reverse("desk:home"))
    assert response.status_code == 403
    assert "You are not a member of any queue yet" in response.content.decode()


def test_who_is_no_staff_is_sent_to_sign_in(cast, signed_in):
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(is_staff=False)
    assert signed_in("alice", fragments=False).get(reverse("desk:home")).status_code == 302


def test_my_work_shows_what_is_mine_and_nothing_else(cast, now, signed_in):
    mine, other = many(cast, now, 2)
    give(mine, cast.alice)
    give(other, cast.bob)
    assert numbers(listed(signed_in("alice"), "mine")) == [mine.pk]


def test_unassigned_has_what_nobody_has(cast, now, signed_in):
    first, second = many(cast, now, 2)
    give(second, cast.bob)
    assert numbers(listed(signed_in("alice"), "unassigned")) == [first.pk]


def test_a_queue_shows_the_longest_wait_first_and_the_newest_change_on_wish(cast, now, signed_in):
    tickets = [t.pk for t in many(cast, now, 3)]
    client = signed_in("alice")
    slug = f"queue-{cast.orders.pk}"
    assert numbers(listed(client, slug)) == tickets
    assert numbers(listed(client, slug, sort="change")) == tickets[::-1]


def test_a_queue_that_is_not_mine_does_not_exist(cast, signed_in):
    client = signed_in("mallory")
    for slug in (f"queue-{cast.orders.pk}", "nothing", "queue-x", f"customer-{10**11}"):
        assert listed(client, slug).status_code == 404


def test_a_colleague_of_another_queue_sees_nothing_of_ours(cast, now, signed_in):
    many(cast, now, 1)
    client = signed_in("mallory")
    for slug in ("mine", "unassigned", "finished", "spam"):
        assert numbers(listed(client, slug)) == []


def test_pages_follow_each_other_without_gap_or_repetition(cast, now, signed_in):
    tickets = [t.pk for t in many(cast, now, 30)]
    client = signed_in("alice")
    for sort, wanted in (("wait", tickets), ("change", tickets[::-1])):
        first = listed(client, "unassigned", sort=sort)
        second = listed(client, "unassigned", sort=sort, after=first.context["page"].after)
        assert numbers(first) + numbers(second) == wanted
        assert second.context["page"].after == ""


def test_by_wait_those_nobody_waits_for_come_last_over_the_edge_of_a_page(cast, now, signed_in):
    tickets = [t.pk for t in many(cast, now, 28)]
    Ticket.objects.filter(pk__in=tickets[:4]).update(waiting_since=None)
    client = signed_in("alice")
    slug = f"queue-{cast.orders.pk}"
    first = listed(client, slug)
    second = listed(client, slug, after=first.context["page"].after)
    assert numbers(first) + numbers(second) == tickets[4:] + tickets[:4]


def test_a_broken_place_begins_at_the_top(cast, now, signed_in):
    ticket = many(cast, now, 1)[0]
    for place in ("x", "1_", "_1", "99999999999999999999_1"):
        response = listed(signed_in("alice"), "unassigned", after=place)
        assert response.status_code == 200, place
    assert numbers(listed(signed_in("alice"), "unassigned", after="x")) == [ticket.pk]


def test_spam_lies_in_its_own_list(cast, now, signed_in):
    ticket = many(cast, now, 1)[0]
    ticket.mark_spam(by=cast.acting("alice"), now=now)
    client = signed_in("alice")
    assert numbers(listed(client, "spam")) == [ticket.pk]
    assert numbers(listed(client, "unassigned")) == []


def test_a_row_says_who_what_and_how_often(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana, "The table is late.", subject="Where is my table?")
    row = listed(signed_in("alice"), "unassigned").context["page"].rows[0]
    assert (row.customer, row.initials, row.subject) == ("Dana Petit", "DP", "Where is my table?")
    assert (row.last_text, row.contacts, row.is_unread) == ("The table is late.", 1, True)
    Reader.objects.create(ticket=ticket, user=cast.alice, seen_seq=1)
    assert not listed(signed_in("alice"), "unassigned").context["page"].rows[0].is_unread


def test_what_was_taken_back_is_not_shown_as_said(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana, "The table is late.", now=now)
    words, undo = Words("It will not come at all."), timedelta(seconds=10)
    message = replies.reply(ticket, words, by=cast.acting("alice"), now=now, then="open", undo=undo)
    assert first_row(signed_in("alice"), cast).last_text == "It will not come at all."
    scheduled.withdraw_reply(message, by=cast.acting("alice"), now=now)
    for name in ("alice", "bob"):
        assert first_row(signed_in(name), cast).last_text == "The table is late."


def test_what_was_stopped_before_it_left_is_not_shown_as_said(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    later = now + timedelta(days=1)
    replies.reply(ticket, Words("See you."), by=cast.acting("alice"), now=now, send_at=later)
    scheduled.stop_scheduled_replies(ticket, by=cast.acting("dana"), now=now)
    assert first_row(signed_in("alice"), cast).last_text == "My lamp arrived broken."


def test_last_words_have_their_author_unless_the_customer_said_them(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    assert "Dana Petit:" not in list_text(signed_in("bob"), cast)
    replies.reply(ticket, Words("A new one comes."), by=cast.acting("alice"), now=now, then="open")
    assert "Alice: A new one comes." in list_text(signed_in("bob"), cast)
    assert "You: A new one comes." in list_text(signed_in("alice"), cast)
    partner = Message.objects.create(
        ticket=ticket, seq=ticket.messages.count() + 1, kind="in", channel_slug="email", text="Keep it.",
        author_customer=cast.emile, created_at=now,
    )  # fmt: skip
    assert f"Émile Moreau: {partner.text}" in list_text(signed_in("alice"), cast)


def test_the_longest_wait_first_shows_the_wait(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana, now=now - timedelta(hours=5))
    Ticket.objects.filter(pk=ticket.pk).update(updated_at=database_now() - timedelta(minutes=2))
    Ticket.objects.filter(pk=ticket.pk).update(waiting_since=database_now() - timedelta(hours=5))
    client, slug = signed_in("alice"), f"queue-{cast.orders.pk}"
    assert listed(client, slug, sort="wait").context["page"].rows[0].time == "waiting 5 h"
    assert "waiting" not in listed(client, slug, sort="change").context["page"].rows[0].time


def test_where_nobody_waits_no_wait_is_shown(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    Ticket.objects.filter(pk=ticket.pk).update(waiting_since=None)
    assert (
        listed(signed_in("alice"), f"queue-{cast.orders.pk}", sort="wait").context["page"].rows[0].time == ""
    )


def test_the_navigation_counts_who_waits(cast, now, signed_in):
    first, _second, _third = many(cast, now, 3)
    give(first, cast.alice)
    navigation = listed(signed_in("alice"), "mine").context["navigation"]
    assert {e.slug: e.count for e in [*navigation.own, *navigation.queues]} == {
        "mine": 1, "waiting": 1, "unassigned": 2,
        f"queue-{cast.orders.pk}": 3, f"queue-{cast.refunds.pk}": 0,
    }  # fmt: skip
    assert navigation.new == 1
    assert navigation.troubles is None


def test_the_list_takes_the_same_queries_for_one_ticket_and_for_thirty(
    cast, now, signed_in, django_assert_num_queries
):
    client = signed_in("alice")
    listed(client, "unassigned")
    for count in (1, 29):
        many(cast, now, count)
        with django_assert_num_queries(5):
            listed(client, f"queue-{cast.orders.pk}")


def test_ones_own_finished_tickets_stand_in_the_list_once_whatever_their_queue(cast, now, signed_in):
    tickets = many(cast, now, 30)
    Ticket.objects.update(assignee=cast.alice, state="solved", waiting_since=None)
    elsewhere = tickets[28]
    Ticket.objects.filter(pk=elsewhere.pk).update(queue=cast.mallory.memberships.get().queue)
    client = signed_in("alice")
    first = listed(client, "finished")
    rest = listed(client, "finished", after=first.context["page"].after)
    assert numbers(first) + numbers(rest) == [ticket.pk for ticket in reversed(tickets)]


def test_a_row_shows_what_a_stranger_wrote_as_text(cast, now, signed_in):
    make.ticket(cast.web, cast.dana, "<i>Late</i>", subject="<script>alert(1)</script> & more")
    page = listed(signed_in("alice"), "unassigned").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page
    assert "<script>alert" not in page
    assert "<i>Late" not in page


def test_a_row_says_whose_the_last_words_are_and_keeps_its_list(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana, now=now)
    give(ticket, cast.alice)
    replies.note(ticket, Words("Look at this"), by=cast.acting("alice"), now=now)
    page = listed(signed_in("alice", fragments=False), "mine").content.decode()
    assert '<span class="work-row__said">Note: Look at this</span>' in page
    assert f'href="{reverse("desk:ticket", args=[ticket.pk])}?list=mine"' in page

"""One ticket on the desk: who may open it, what stands on its timeline, how many queries it takes."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests import make
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.delivery import outbox
from tickets.models import Call, Message, Outbound, Participant, Ticket
from tickets.models.channels.delivery_error import DeliveryError

READ = ("ticket", "head", "thread", "card", "details", "macros")


def opened(client, ticket):
    return client.get(reverse("desk:ticket", args=[ticket.pk]))


def card_of(client, ticket):
    return client.get(reverse("desk:card", args=[ticket.pk])).context["card"]


def said(response):
    return [e.bubble.text for e in response.context["thread"].entries if e.bubble]


def lines(response):
    return [e.line.text for e in response.context["thread"].entries if e.line]


@pytest.mark.parametrize("name", READ)
def test_mallory_finds_no_such_ticket(cast, signed_in, name):
    ticket = make.ticket(cast.web, cast.dana)
    assert signed_in("mallory").get(reverse(f"desk:{name}", args=[ticket.pk])).status_code == 404
    assert signed_in("alice").get(reverse(f"desk:{name}", args=[ticket.pk])).status_code == 200


def test_nobody_reads_without_signing_in(client, cast):
    ticket = make.ticket(cast.web, cast.dana)
    for name in READ:
        assert client.get(reverse(f"desk:{name}", args=[ticket.pk])).status_code == 302


def test_nothing_of_a_ticket_is_cached(cast, signed_in):
    response = opened(signed_in("alice"), make.ticket(cast.web, cast.dana))
    assert "no-store" in response["Cache-Control"]


def test_messages_calls_and_events_stand_on_one_timeline_in_time_order(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana, "It is broken.")
    call = Call.objects.create(
        channel=cast.phone, external_id="c1", customer=cast.dana, direction="in", result="missed",
        started_at=now + timedelta(minutes=5),
    )  # fmt: skip
    make.customer_message(ticket, "Still broken.", now=now + timedelta(minutes=9))
    response = opened(signed_in("alice"), ticket)
    shown = [
        e.bubble.text if e.bubble else e.line.text for e in response.context["thread"].entries if not e.day
    ]
    assert [w for w in shown if "broken" in w or "call" in w] == [
        "It is broken.",
        "Missed call",
        "Still broken.",
    ]
    assert call.ticket is None


def test_a_call_to_a_hidden_queue_stands_on_no_timeline_of_ours(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    hidden = make.channel("phone", cast.mallory.memberships.get().queue)
    for channel, number in ((cast.phone, "c1"), (hidden, "c2")):
        Call.objects.create(
            channel=channel, external_id=number, customer=cast.dana, direction="in", result="missed",
            started_at=now + timedelta(minutes=5),
        )  # fmt: skip
    assert lines(opened(signed_in("alice"), ticket)).count("Missed call") == 1


def test_the_timeline_says_what_was_done_and_by_whom(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    ticket.put_on_hold(by=cast.acting("bob"), now=now + timedelta(minutes=1))
    ticket.solve(by=cast.acting("alice"), now=now + timedelta(minutes=2))
    said_lines = lines(opened(signed_in("alice"), ticket))
    assert "Put on hold by Bob" in said_lines
    assert "Solved by you" in said_lines


def test_an_own_message_says_how_far_it_got(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    replies.reply(ticket, Words("On its way."), by=cast.acting("alice"), now=now)
    refused = DeliveryError.from_smtp(550, "no such user")
    Outbound.objects.filter(message__isnull=False).update(state="failed", error=refused)
    text = opened(signed_in("alice"), ticket).content.decode()
    assert "not delivered" in text
    assert "550 no such user" in text
    assert "Send again" in text


def test_send_again_puts_it_back_into_the_outbox(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    message = replies.reply(ticket, Words("On its way."), by=cast.acting("alice"), now=now)
    row = Outbound.objects.get(message=message)
    Outbound.objects.filter(pk=row.pk).update(state="failed")
    address = reverse("desk:send_again", args=[row.pk])
    assert signed_in("mallory").post(address).status_code == 404
    assert signed_in("bob").post(address).status_code == 200
    row.refresh_from_db()
    assert row.state == "queued"


def test_quoted_text_is_folded_and_the_new_part_shown(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    Message.objects.filter(ticket=ticket).update(
        reply_text="Yes.", text="Yes.\n\nOn Monday you wrote:\n> Which?"
    )
    response = opened(signed_in("alice"), ticket)
    assert said(response) == ["Yes."]
    entry = next(e.bubble for e in response.context["thread"].entries if e.bubble)
    assert entry.rest == "On Monday you wrote:\n> Which?"


def test_automatic_mail_is_folded_with_its_reason(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    Message.objects.filter(ticket=ticket).update(is_auto=True, auto_reason="out of office")
    assert "Automatic mail: out of office" in opened(signed_in("alice"), ticket).content.decode()


def test_what_customers_write_is_never_markup(cast, signed_in):
    ticket = make.ticket(
        cast.web, cast.dana, "<script>alert(1)</script> <img src=x onerror=alert(2)>", subject="<b>x"
    )
    text = opened(signed_in("alice"), ticket).content.decode()
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;b&gt;x" in text


def test_a_held_stranger_waits_for_a_yes(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    stranger = make.customer("Léa Moreau", "lea@moreau.example")
    waiting = Participant.objects.create(
        ticket=ticket, customer=stranger, identity=stranger.identities.get(), state="pending", created_at=now
    )
    Message.objects.create(
        ticket=ticket, seq=2, kind="in", channel_slug="email", author_customer=stranger, text="His wife.",
        is_held=True, created_at=now,
    )  # fmt: skip
    Ticket.objects.filter(pk=ticket.pk).update(last_seq=2)
    assert "A new participant wrote on this ticket" in opened(signed_in("alice"), ticket).content.decode()
    address = reverse("desk:decide", args=[ticket.pk, waiting.pk])
    assert signed_in("mallory").post(address, {"answer": "accept"}).status_code == 404
    assert signed_in("alice").post(address, {"answer": "accept"}).status_code == 204
    waiting.refresh_from_db()
    assert waiting.state == "accepted"
    assert not Message.objects.get(ticket=ticket, seq=2).is_held


def test_refusing_a_stranger_keeps_their_message_held(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    stranger = make.customer("Léa Moreau", "lea@moreau.example")
    waiting = Participant.objects.create(ticket=ticket, customer=stranger, state="pending", created_at=now)
    signed_in("alice").post(reverse("desk:decide", args=[ticket.pk, waiting.pk]), {"answer": "refuse"})
    waiting.refresh_from_db()
    assert waiting.state == "refused"


def test_an_unchanged_timeline_is_not_sent_again(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    mark = opened(client, ticket).context["thread"].mark
    address = reverse("desk:thread", args=[ticket.pk])
    assert client.get(address, {"mark": mark}).status_code == 204
    make.customer_message(ticket, now=now + timedelta(minutes=1))
    assert client.get(address, {"mark": mark}).status_code == 200


def test_a_long_conversation_shows_its_end_first_and_the_rest_on_wish(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana, "word 1")
    for n in range(2, 46):
        make.customer_message(ticket, f"word {n}", now=now + timedelta(minutes=n))
    client = signed_in("alice")
    newest = opened(client, ticket)
    before = newest.context["thread"].earlier
    earlier = client.get(reverse("desk:thread", args=[ticket.pk]), {"before": before})
    assert said(earlier) + said(newest) == [f"word {n}" for n in range(1, 46)]
    assert earlier.context["thread"].earlier is None


def test_the_card_says_who_knows_the_customer(cast, now, signed_in):
    old = make.ticket(cast.web, cast.dana, subject="Chair")
    replies.reply(old, Words("Done."), by=cast.acting("bob"), now=now, then="solved")
    ticket = make.ticket(cast.web, cast.dana, now=now + timedelta(days=3))
    card = card_of(signed_in("alice"), ticket)
    assert [(k.name, k.count, k.is_me) for k in card.known_agents] == [("Bob", 1, False)]
    assert [other.pk for other in card.other_tickets] == [old.pk]
    assert card.contacts == 2


def test_tickets_of_other_queues_stay_off_the_card(cast, now, signed_in):
    hidden = make.ticket(cast.web, cast.dana, subject="Legal matter")
    Ticket.objects.filter(pk=hidden.pk).update(queue=cast.mallory.memberships.get().queue)
    ticket = make.ticket(cast.web, cast.dana, now=now + timedelta(days=3))
    assert card_of(signed_in("alice"), ticket).other_tickets == []


def test_the_ticket_takes_the_same_queries_for_one_message_and_for_many(
    cast, now, signed_in, django_assert_num_queries
):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    replies.reply(ticket, Words("One."), by=cast.acting("bob"), now=now)
    with django_assert_num_queries(9):
        opened(client, ticket)
    for n in range(12):
        make.customer_message(ticket, now=now + timedelta(hours=n + 1))
        replies.reply(ticket, Words("More."), by=cast.acting("bob"), now=now + timedelta(hours=n + 1))
    outbox.deliver_due(now=now + timedelta(days=1))
    make.ticket(cast.web, cast.dana, now=now + timedelta(days=2))
    with django_assert_num_queries(9):
        opened(client, ticket)


def test_the_card_takes_the_same_queries_for_one_ticket_and_for_many(
    cast, now, signed_in, django_assert_num_queries
):
    client = signed_in("alice")
    for count in (1, 6):
        for n in range(count):
            ticket = make.ticket(cast.web, cast.dana, now=now + timedelta(days=n))
            replies.reply(ticket, Words("One."), by=cast.acting("bob"), now=now + timedelta(days=n))
        with django_assert_num_queries(15):
            card_of(client, ticket)


@pytest.mark.parametrize("who", ["alice", "admin"])
def test_a_number_larger_than_any_is_nobodys(cast, signed_in, who):
    assert signed_in(who).get(f"/admin/desk/{10**30}/").status_code == 404

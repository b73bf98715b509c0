"""Automatic messages: listed for those of the queue, found, made tickets of, collapsed on their ticket."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import translation

from tests.mails import mail
from tests.tickets.channels.email.kinds.notices import NOTICES, receipt, report
from tests.tickets.channels.email.scene import DANA, Scene
from tickets.desk.page.notices import NoticeContext, describe_notice
from tickets.intake import receive
from tickets.models import (
    Contact,
    Event,
    Inbound,
    Notice,
    Outbound,
    Promise,
    QueueMembership,
    Ticket,
)


@pytest.fixture
def scene(cast, now):
    return Scene(cast, now)


@pytest.fixture
def kept(scene):
    scene.raw(NOTICES["replied"][1])
    return Notice.objects.get()


def shown(client, **query):
    return client.get(reverse("desk:automatic"), query)


@pytest.mark.parametrize("person", ["alice", "bob", "carol", "admin"])
def test_people_of_the_queue_see_what_was_kept_and_why(signed_in, kept, person):
    text = shown(signed_in(person)).content.decode()
    assert "Absence notice from Nora Field: away until 4 December" in text
    assert "An absence notice that belongs to no ticket" in text
    assert "Auto-Submitted: auto-replied" in text


def test_nobody_else_sees_it(cast, signed_in, kept):
    QueueMembership.objects.filter(user=cast.bob).update(hides_personal_data=True)
    for person in ("mallory", "bob"):
        client = signed_in(person)
        assert shown(client).context["kept"].total == 0
        assert client.post(reverse("desk:choose", args=[kept.pk])).status_code == 404


def test_it_is_counted_by_kind_and_found_by_words(scene, signed_in, kept):
    scene.raw(NOTICES["read"][1])
    scene.raw(NOTICES["confirm"][1])
    client = signed_in("alice")
    listed = shown(client).context["kept"]
    assert (listed.total, [(kind, n) for kind, _label, n in listed.kinds]) == (
        3,
        [("receipt", 1), ("absence", 1), ("list", 1)],
    )
    kinds = [row.notice.kind for row in shown(client, q="december NORA").context["kept"].rows]
    assert kinds == ["absence"]
    assert [row.notice.kind for row in shown(client, kind="list").context["kept"].rows] == ["list"]
    assert shown(client, q="wardrobe").context["kept"].rows == []


def test_a_long_list_goes_on(scene, signed_in, monkeypatch, kept):
    monkeypatch.setattr("tickets.desk.automatic.SHOWN", 1)
    scene.raw(NOTICES["read"][1])
    client = signed_in("alice")
    first = shown(client).context["kept"]
    second = shown(client, before=first.earlier).context["kept"]
    assert [row.notice.kind for row in (*first.rows, *second.rows)] == ["receipt", "absence"]
    assert second.earlier is None


@pytest.mark.parametrize("before", ["x", "9" * 30, "-1", "²"])
def test_a_place_that_is_none_is_the_beginning(signed_in, kept, before):
    assert len(shown(signed_in("alice"), before=before).context["kept"].rows) == 1


def test_one_click_makes_an_ordinary_ticket_that_counts_from_now(cast, scene, signed_in, kept):
    sent = Outbound.objects.count()
    response = signed_in("alice").post(reverse("desk:choose", args=[kept.pk]))
    ticket = Ticket.objects.latest("pk")
    assert (
        f'"number": "{ticket.number}"' in response["HX-Trigger"]
        or str(ticket.number) in response["HX-Trigger"]
    )
    row = Inbound.objects.get(pk=kept.pk)
    assert (ticket.customer.name, ticket.queue, ticket.state, row.state, row.ticket) == (
        "Nora Field",
        cast.orders,
        "new",
        "opened",
        ticket,
    )
    assert (ticket.created_at, ticket.waiting_since) == (row.counts_from, row.counts_from)
    assert row.counts_from > row.received_at
    assert Contact.objects.filter(ticket=ticket).count() == 1
    message = ticket.messages.get()
    assert (message.is_auto, "notice" in message.facts, message.text.startswith("I am out")) == (
        False,
        False,
        True,
    )
    assert (Outbound.objects.count(), Promise.objects.filter(ticket=ticket).count()) == (sent, 0)
    assert Event.objects.filter(kind="inbound.handled", data__how="ticket").count() == 1
    assert not Notice.objects.exists()


def test_a_notice_that_its_senders_domain_disowns_is_nobodys_whom_we_know(cast, scene, signed_in):
    cast.mailbox.options = {"authserv_id": "mx.demo.example"}
    cast.mailbox.save()
    result = "mx.demo.example; dmarc=fail header.from=petit.example"
    scene.raw(
        mail(
            DANA,
            "I am away.",
            subject="Re: Lamp",
            Auto_Submitted="auto-replied",
            Authentication_Results=result,
        )
    )
    signed_in("alice").post(reverse("desk:choose", args=[Notice.objects.get().pk]))
    assert Ticket.objects.latest("pk").customer != cast.dana


def test_a_second_click_makes_no_second_ticket(scene, signed_in, kept):
    client, address = signed_in("alice"), reverse("desk:choose", args=[kept.pk])
    client.post(address)
    count = Ticket.objects.count()
    assert client.post(address).status_code == 404
    receive.process(kept.pk, now=scene.now)
    assert Ticket.objects.count() == count


@pytest.mark.parametrize("name", ["read", "delayed", "accepted", "confirm", "as an answer", "relayed"])
def test_every_kind_can_become_a_ticket(scene, signed_in, name):
    scene.raw(NOTICES[name][1])
    signed_in("alice").post(reverse("desk:choose", args=[Notice.objects.get().pk]))
    row = Inbound.objects.latest("pk")
    assert (row.state, row.ticket.messages.count()) == ("opened", 1)


def test_of_a_notice_without_a_sender_the_supervisor_is_asked(scene, signed_in):
    scene.raw(NOTICES["delayed from nobody"][1])
    response = signed_in("alice").post(reverse("desk:choose", args=[Notice.objects.get().pk]))
    assert "Needs attention" in response["HX-Trigger"]
    assert Inbound.objects.needing_attention().count() == 1


def test_the_sender_of_a_ticket_made_by_hand_answers_into_it(scene, signed_in):
    raw = NOTICES["replied"][1].replace(b"Subject:", b"Message-ID: <away@field.example>\nSubject:", 1)
    scene.raw(raw)
    signed_in("alice").post(reverse("desk:choose", args=[Notice.objects.get().pk]))
    outcome = scene.came("Nora Field <nora@field.example>", "A word.", In_Reply_To="<away@field.example>")
    assert (outcome.state, outcome.ticket) == (
        "attached",
        Inbound.objects.get(envelope__has_key="chosen_at").ticket,
    )


# ------------------------------------------------------------------ on the ticket
def opened(client, ticket):
    return client.get(reverse("desk:thread", args=[ticket.pk])).content.decode()


def test_it_stands_collapsed_with_what_it_says(scene, signed_in):
    scene.raw(receipt(about=scene.our_id.strip("<>"), From=DANA))
    text = opened(signed_in("alice"), scene.ticket)
    assert "Read receipt from Dana Petit (" in text
    assert '<details class="event event--notice"' in text
    assert 'class="message" id="m3"' not in text


def test_it_is_not_the_last_word_in_the_list(scene, signed_in):
    scene.raw(receipt(about=scene.our_id.strip("<>"), From=DANA))
    page = signed_in("alice").get(reverse("desk:list", args=[f"queue-{scene.ticket.queue_id}"]))
    assert "A new one leaves today." in page.content.decode()
    assert "Your message was read." not in page.content.decode()


def test_addresses_are_masked_for_who_helps_out(cast, scene, signed_in):
    scene.raw(report("delayed", about=scene.our_id.strip("<>"), whom="dana@petit.example"))
    assert "dana@petit.example" in opened(signed_in("bob"), scene.ticket)
    QueueMembership.objects.filter(user=cast.bob).update(hides_personal_data=True)
    text = opened(signed_in("bob"), scene.ticket)
    line = text[text.index("<summary>") : text.index("</summary>")]
    assert "dana@petit.example" not in line


# ------------------------------------------------------------------ sentences
ABSENT = {"kind": "absence"}
SENTENCES = [
    (ABSENT | {"what": "back", "date": "12-04"}, "Absence notice from Dana Petit: back on 4 December"),
    (
        ABSENT | {"what": "until", "date": "2026-12-04"},
        "Absence notice from Dana Petit: away until 4 December 2026",
    ),
    (ABSENT | {"quote": "Je reviens lundi."}, "Absence notice from Dana Petit: “Je reviens lundi.”"),
    ({"kind": "receipt", "what": "displayed"}, "Read receipt from Dana Petit: the message was opened"),
    ({"kind": "receipt", "what": "deleted"}, "Receipt from Dana Petit: the message was deleted"),
    ({"kind": "receipt", "what": ""}, "Receipt from Dana Petit"),
    (
        {"kind": "appointment", "what": "ACCEPTED", "quote": "Visit", "date": "2026-12-01T08:00:00+00:00"},
        "Dana Petit accepted the appointment “Visit” of 1 December 2026, 09:00",
    ),
    (
        {"kind": "appointment", "what": "DECLINED", "quote": "Visit", "addresses": ["paul@x.example"]},
        "paul@x.example declined the appointment “Visit”",
    ),
    (
        {"kind": "delay", "addresses": ["a@b.example"]},
        "Delay notice: not yet delivered to a@b.example; the mail server keeps trying",
    ),
    (
        {"kind": "delivered", "what": "delivered", "addresses": ["a@b.example"]},
        "Delivery notice: delivered to a@b.example",
    ),
    ({"kind": "answer", "quote": "We have it."}, "Automatic answer from Dana Petit: “We have it.”"),
    ({"kind": "list", "quote": "Digest"}, "Mailing list Dana Petit: “Digest”"),
    ({"kind": "unknown"}, "Automatic answer from Dana Petit"),
]


@pytest.mark.parametrize(("says", "sentence"), SENTENCES)
def test_a_notice_is_one_sentence(now, says, sentence):
    with translation.override("en"):
        assert (
            describe_notice(says, NoticeContext("Dana Petit", now, sender="dana@petit.example")) == sentence
        )

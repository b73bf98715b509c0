"""What was set aside: seen by supervisors, read again, put away, or made a ticket of."""

import pytest
from django.urls import reverse

from tests import make
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.intake import ledger, receive
from tickets.models import Event, Inbound, Outbound, Ticket
from tickets.models.channels.delivery_error import DeliveryError

MAIL = (
    b"From: =?utf-8?q?L=C3=A9a?= <lea@moreau.example>\r\n"
    b"Subject: =?utf-8?q?Ma_lampe_cass=C3=A9e?=\r\n\r\n\x00bad"
)


@pytest.fixture
def row(cast, now):
    kept, _new = ledger.keep_raw(cast.mailbox, MAIL, source_key="m1", now=now)
    ledger.quarantine(kept, rule="defect", why="Too many parts.", now=now)
    return kept


def test_supervisors_see_the_reason(cast, signed_in, row):
    response = signed_in("carol").get(reverse("desk:quarantine"))
    assert "Too many parts." in response.content.decode()
    assert response.context["received"][0][0] == row


def test_agents_are_told_that_this_is_not_theirs(cast, signed_in, row):
    assert signed_in("alice").get(reverse("desk:quarantine")).status_code == 403


@pytest.mark.parametrize("name", ["raw", "retry", "dismiss", "by_hand"])
def test_agents_and_supervisors_of_other_queues_find_nothing(cast, signed_in, row, name):
    make.membership(cast.alice, make.queue("other"), role="supervisor")
    address = reverse(f"desk:{name}", args=[row.pk])
    for person in ("alice", "mallory"):
        client = signed_in(person)
        response = client.post(address) if name in ("retry", "dismiss") else client.get(address)
        assert response.status_code == 404


def test_the_raw_thing_is_a_text_file(cast, signed_in, row):
    response = signed_in("carol").get(reverse("desk:raw", args=[row.pk]))
    assert response.content == MAIL
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_retry_and_dismiss(cast, signed_in, row):
    client = signed_in("carol")
    client.post(reverse("desk:retry", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == "stored"
    client.post(reverse("desk:dismiss", args=[row.pk]))
    assert not Inbound.objects.needing_attention().exists()


def test_sender_and_subject_are_guessed_from_the_mail(cast, signed_in, row):
    form = signed_in("carol").get(reverse("desk:by_hand", args=[row.pk])).context["form"]
    assert form.initial == {"sender": "lea@moreau.example", "name": "Léa", "subject": "Ma lampe cassée"}


def test_a_ticket_is_made_by_hand_once(cast, signed_in, row):
    fields = {"sender": "lea@moreau.example", "name": "Léa", "subject": "Lamp", "text": "Her lamp is broken."}
    client = signed_in("carol")
    address = reverse("desk:by_hand", args=[row.pk])
    assert client.post(address, fields).status_code == 204
    ticket = Ticket.objects.get()
    row.refresh_from_db()
    assert (ticket.participants.get().address, row.ticket, row.handled_at is None) == (
        "lea@moreau.example",
        ticket,
        False,
    )
    assert "Her lamp is broken." in ticket.messages.get().text
    assert client.post(address, fields).status_code == 400
    assert Ticket.objects.count() == 1
    assert Event.objects.filter(kind="inbound.handled").count() == 1


def test_a_form_nobody_could_read_is_set_aside_too(cast, now, signed_in):
    receive.receive(cast.web, b"\xff", source_key="w1", now=now)
    row = Inbound.objects.get()
    assert (
        signed_in("carol").get(reverse("desk:by_hand", args=[row.pk])).context["form"].initial["sender"] == ""
    )


def test_what_was_not_delivered_is_listed_and_can_be_put_away(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    replies.reply(ticket, Words("Hello."), by=cast.acting("alice"), now=now)
    sent = Outbound.objects.get(message__isnull=False)
    Outbound.objects.filter(pk=sent.pk).update(state="bounced", error=DeliveryError.permanent("", code="550"))
    client = signed_in("carol")
    assert list(client.get(reverse("desk:quarantine")).context["sent"]) == [sent]
    assert signed_in("mallory").post(reverse("desk:set_aside", args=[sent.pk])).status_code == 404
    client.post(reverse("desk:set_aside", args=[sent.pk]))
    sent.refresh_from_db()
    assert (sent.state, str(sent.error)) == ("cancelled", "550")


def test_the_navigation_counts_it_for_supervisors(cast, signed_in, row):
    navigation = signed_in("carol").get(reverse("desk:list", args=["mine"])).context["navigation"]
    assert navigation.troubles == 1

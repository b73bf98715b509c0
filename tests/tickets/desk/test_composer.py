"""Writing on the desk: drafts, files, sending, and what stops a stale answer."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse

from tests import make
from tickets.conversation import replies, scheduled
from tickets.conversation.replies import Words
from tickets.desk.writing import drafts
from tickets.models import Attachment, Draft, Macro, Message, Outbound, Reader


def post(client, name, ticket, *more, **fields):
    values = {"kind": "reply", "text": "", "seen_seq": ticket.last_seq, **fields}
    return client.post(reverse(f"desk:{name}", args=[ticket.pk, *more]), values)


def upload(name="lamp.jpg", data=b"picture", content_type="image/jpeg"):
    return SimpleUploadedFile(name, data, content_type)


@pytest.mark.parametrize("name", ["draft", "attach", "send"])
def test_mallory_cannot_write(cast, signed_in, name):
    ticket = make.ticket(cast.web, cast.dana)
    assert post(signed_in("mallory"), name, ticket, text="x").status_code == 404
    assert not Draft.objects.exists()


def test_what_is_written_is_kept_and_there_again(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    response = post(client, "draft", ticket, text="It left th")
    assert "Draft saved" in response.content.decode()
    shown = client.get(reverse("desk:ticket", args=[ticket.pk])).context["composer"]
    assert shown.reply.text == "It left th"


def test_everybody_has_a_draft_of_their_own(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    post(signed_in("alice"), "draft", ticket, text="mine")
    shown = signed_in("bob").get(reverse("desk:ticket", args=[ticket.pk])).context["composer"]
    assert shown.reply.text == ""


def test_sending_replies_and_waits_for_the_customer(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    response = post(signed_in("alice"), "send", ticket, text="It left this morning.", then="pending")
    ticket.refresh_from_db()
    assert (response.status_code, ticket.state) == (204, "pending")
    assert Outbound.objects.get(message__isnull=False).to == "dana@petit.example"
    assert not Draft.objects.exists()
    assert '"sent": {"kind": "reply", "seen": 2' in response["HX-Trigger"]


def test_sending_takes_few_queries(cast, signed_in, django_assert_num_queries):
    client, ticket = signed_in("alice"), make.ticket(cast.web, cast.dana)
    post(client, "send", ticket, text="It left this morning.")
    ticket.refresh_from_db()
    with django_assert_num_queries(17):  # two of them are the savepoint, which a test has for a transaction
        post(client, "send", ticket, text="It is there tomorrow.")


@pytest.mark.parametrize("state", ["solved", "open", "on_hold"])
def test_sending_may_bring_the_ticket_elsewhere(cast, signed_in, state):
    ticket = make.ticket(cast.web, cast.dana)
    post(signed_in("alice"), "send", ticket, text="Done.", then=state)
    ticket.refresh_from_db()
    assert ticket.state == state


def test_a_note_stays_inside(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    post(signed_in("alice"), "send", ticket, kind="note", text="Careful.")
    assert Message.objects.get(kind="note").text == "Careful."
    assert not Outbound.objects.filter(message__isnull=False).exists()


def test_a_stale_answer_is_stopped_and_shows_what_is_new(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    seen = ticket.last_seq
    make.customer_message(ticket, "I found it, thank you!", now=now + timedelta(minutes=1))
    response = post(signed_in("alice"), "send", ticket, text="Please look again.", seen_seq=seen)
    composer = response.context["composer"]
    assert (response.status_code, response["X-Desk-Swap"]) == (409, "1")
    assert [m.text for m in composer.newer] == ["I found it, thank you!"]
    assert (composer.reply.text, composer.seen_seq) == ("Please look again.", 2)
    assert not Message.objects.filter(kind="out").exists()


def test_after_looking_at_what_is_new_the_answer_can_be_sent(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    make.customer_message(ticket, now=now + timedelta(minutes=1))
    assert post(signed_in("alice"), "send", ticket, text="Yes.", seen_seq=2).status_code == 204


def test_pressing_send_twice_sends_once(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    post(client, "send", ticket, text="Yes.", seen_seq=1)
    assert post(client, "send", ticket, text="Yes.", seen_seq=1).status_code == 409
    assert Message.objects.filter(kind="out").count() == 1


def test_without_an_address_the_text_stays_and_the_reason_is_said(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    ticket.customer.identities.all().delete()
    response = post(signed_in("alice"), "send", ticket, text="Hello?")
    assert response.status_code == 400
    assert "no mail address" in response.context["composer"].problem
    assert response.context["composer"].reply.text == "Hello?"


def test_nothing_written_is_nothing_sent(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    assert post(signed_in("alice"), "send", ticket, text="  ").status_code == 400


def test_a_late_autosave_does_not_bring_back_what_was_sent(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    opened_at = (now - timedelta(hours=1)).isoformat()
    replies.reply(ticket, Words("Sent."), by=cast.acting("alice"), now=now)
    response = post(signed_in("alice"), "draft", ticket, text="Sent.", opened_at=opened_at)
    assert response.status_code == 204
    assert not Draft.objects.exists()


def test_the_next_answer_on_the_same_page_is_kept_too(cast, signed_in):
    ticket, client = make.ticket(cast.web, cast.dana), signed_in("alice")
    sent = json.loads(post(client, "send", ticket, text="First.")["HX-Trigger"])["sent"]
    saved = post(client, "draft", ticket, text="Second", opened_at=sent["at"], seen_seq=sent["seen"])
    assert saved.status_code == 200
    assert Draft.objects.get().text == "Second"


@pytest.mark.django_db(transaction=True)
def test_an_autosave_beside_the_sending_does_not_bring_back_what_is_sent(cast, now, signed_in):
    ticket, client = make.ticket(cast.web, cast.dana), signed_in("alice")
    opened_at = (now - timedelta(hours=1)).isoformat()

    def save() -> int:
        try:
            return int(post(client, "draft", ticket, text="Sent.", opened_at=opened_at).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as beside:
        with transaction.atomic():
            replies.reply(ticket, Words("Sent."), by=cast.acting("alice"), now=now)
            saving = beside.submit(save)
            with pytest.raises(TimeoutError):
                saving.result(0.5)
        assert saving.result(20) == 204
    assert not Draft.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_autosave_beside_a_refused_sending_that_keeps_the_draft_ends_well(cast, now, signed_in):
    ticket, client = make.ticket(cast.web, cast.dana), signed_in("alice")

    def save() -> int:
        try:
            return int(post(client, "draft", ticket, text="Autosaved.").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as beside:
        with transaction.atomic():
            Draft.objects.create(
                ticket=ticket, user=cast.alice, kind="reply", text="Refused.", seen_seq=1, updated_at=now
            )
            saving = beside.submit(save)
            with pytest.raises(TimeoutError):
                saving.result(0.5)
        assert saving.result(20) == 200
    assert Draft.objects.get().text == "Autosaved."


def test_a_file_is_attached_to_the_draft_and_leaves_with_the_message(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    response = post(client, "attach", ticket, text="See the photo.", files=upload())
    assert "lamp.jpg" in response.content.decode()
    post(client, "send", ticket, text="See the photo.")
    file = Attachment.objects.get()
    assert (file.draft, file.message.kind, file.size) == (None, "out", 7)


def test_a_removed_file_is_gone_from_the_store(cast, signed_in, django_capture_on_commit_callbacks):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    post(client, "attach", ticket, files=upload())
    file = Attachment.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        response = post(client, "detach", ticket, file.public_id)
    assert "lamp.jpg" not in response.content.decode()
    assert not Attachment.objects.exists()
    assert not default_storage.exists(file.key)


def test_nobody_removes_a_file_of_somebody_elses_draft(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    post(signed_in("alice"), "attach", ticket, files=upload())
    assert post(signed_in("bob"), "detach", ticket, Attachment.objects.get().public_id).status_code == 404


def test_more_than_25_mb_is_refused_with_a_sentence(cast, signed_in, monkeypatch):
    monkeypatch.setattr(drafts, "MAX_BYTES", 10)
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    assert post(client, "attach", ticket, files=upload()).status_code == 200
    response = post(client, "attach", ticket, files=upload())
    assert response.status_code == 413
    assert "25 MB" in response.content.decode()
    assert Attachment.objects.count() == 1


def test_ready_made_texts_know_the_customers_language_and_name(cast, signed_in):
    ticket = make.ticket(cast.web, cast.emile)
    Macro.objects.create(
        name_en="Hello", name_fr="Bonjour", text_en="Hello", text_fr="Bonjour {customer} {x}, {agent}"
    )
    Macro.objects.create(name_en="Other", text_en="Not here", queue=cast.refunds)
    response = signed_in("alice").get(reverse("desk:macros", args=[ticket.pk]))
    (canned,) = response.context["macros"]
    assert (canned.text, canned.unfilled) == ("Bonjour Émile Moreau {x}, Alice", ["{x}"])
    assert "Replace {x} yourself" in response.content.decode()


def test_a_placeholder_nobody_fills_in_is_not_sent(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    Macro.objects.create(name_en="Old", text_en="Hello {first_name}")
    response = post(signed_in("alice"), "send", ticket, text="Hello {first_name}", then="open")
    assert response.status_code == 400
    assert "Replace {first_name} with your own words" in response.content.decode()
    assert not ticket.messages.filter(kind="out").exists()


def test_braces_an_agent_writes_are_sent(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    Macro.objects.create(name_en="Old", text_en="Hello {first_name}")
    sent = post(signed_in("alice"), "send", ticket, text="Hello {company}, set {timeout}.", then="open")
    assert sent.status_code == 204


def test_who_wrote_last_has_read_everything(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    post(signed_in("alice"), "send", ticket, text="Yes.", then="open")
    assert Reader.objects.get(user=cast.alice).seen_seq == 2


def test_broken_input_is_refused_and_no_error_of_ours(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    assert post(client, "send", ticket, text="x", seen_seq="x").status_code == 400
    assert post(client, "draft", ticket, text="x", kind="poem").status_code == 400
    assert post(client, "send", ticket, text="x", then="closed").status_code == 400
    assert post(client, "draft", ticket, text="nul\x00", opened_at="yesterday").status_code == 200


def test_a_colleagues_reply_that_was_taken_back_stops_nobody(cast, signed_in, now):
    ticket = make.ticket(cast.web, cast.dana)
    undo = timedelta(seconds=10)
    theirs = replies.reply(ticket, Words("Wait."), by=cast.acting("bob"), now=now, then="open", undo=undo)
    scheduled.withdraw_reply(theirs, by=cast.acting("bob"), now=now)
    assert post(signed_in("alice"), "send", ticket, text="Mine.", seen_seq=1).status_code == 204

"""The web form: nothing lost, nothing doubled, a clear word for what is not right."""

# mypy: disable-error-code="union-attr"

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests import make
from tickets.clock import database_now
from tickets.customers import links
from tickets.models import Inbound, Outbound, Ticket
from tickets.portal import uploads
from tickets.promises import promises
from tickets.promises.promises import Estimate

FORM = {
    "email": "dana@petit.example",
    "name": "Dana Petit",
    "subject": "Broken lamp",
    "text": "My lamp arrived broken.",
    "token": "0123456789abcdef-one",
}


@pytest.fixture
def estimator():
    """Let a test say what the roster promises, and forget it afterwards."""
    before = list(promises._estimators), list(promises._forecasters)
    yield lambda estimate: promises.register_estimator(lambda *_args, **_kw: estimate)
    promises._estimators[:], promises._forecasters[:] = before


def post(client, follow=True, **changes):
    return client.post(reverse("portal:request"), {**FORM, **changes}, follow=follow)


def test_form_becomes_a_ticket_and_says_thanks(cast, client):
    response = post(client)
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.customer.name, ticket.language) == ("Broken lamp", FORM["name"], "en")
    assert ticket.participants.get().address == "dana@petit.example"
    assert response.redirect_chain == [(reverse("portal:thanks"), 302)]
    assert b"We have sent a link to dana@petit.example" in response.content


def test_a_typed_address_makes_nobody_its_owner(cast, client):
    post(client)
    assert Ticket.objects.get().customer != cast.dana


def test_a_device_that_came_by_a_mailed_link_sends_as_its_owner(cast, client, now):
    make.ticket(cast.web, cast.dana)
    address = links.make_all_requests_url(cast.dana.identities.get(), now=database_now())
    client.get(address.removeprefix("http://127.0.0.1:8000"))
    client.post(reverse("portal:open_all"))
    post(client, subject="Mine")
    assert Ticket.objects.get(subject="Mine").customer == cast.dana
    post(client, subject="Not mine", email="emile@moreau.example", token="another-token-of-a-form")
    assert Ticket.objects.get(subject="Not mine").customer != cast.emile


def test_a_form_of_somebody_new_takes_few_queries(cast, client, django_assert_num_queries):
    with django_assert_num_queries(25):  # four of them are savepoints, which a test has for transactions
        post(client, follow=False, email="new@person.example")


def test_thanks_page_gives_no_way_into_the_ticket(cast, client):
    response = post(client)
    ticket = Ticket.objects.get()
    for secret in (ticket.public_id, f"/{ticket.pk}", "My lamp arrived broken."):
        assert secret not in response.text
    assert client.get(f"/requests/{ticket.public_id}/").status_code == 404


def test_raw_form_is_kept_in_the_ledger_with_its_files(cast, client):
    post(client, attachments=[SimpleUploadedFile("lamp.jpg", b"photo", "image/jpeg")])
    row = Inbound.objects.get()
    assert row.state == "opened"
    assert b"lamp.jpg" in bytes(row.raw.data)
    assert [a.name for a in Ticket.objects.get().messages.get().attachments.all()] == ["lamp.jpg"]


def test_second_post_of_the_same_form_is_the_same_ticket(cast, client):
    answers = [post(client), post(client)]
    assert Ticket.objects.count() == Inbound.objects.count() == 1
    assert all("We have sent a link to dana@petit.example" in answer.text for answer in answers)


def test_same_form_with_changed_words_joins_its_ticket(cast, client):
    post(client)
    post(client, text="My lamp arrived broken. Order 4711.")
    post(client, text="My lamp arrived broken. Order 4711.")
    ticket = Ticket.objects.get()
    assert [m.thread_layer for m in ticket.messages.order_by("seq")] == ["", "same_form"]
    assert ticket.participants.get().identity.verified_at is None


def test_another_address_with_the_same_token_is_another_ticket(cast, client):
    post(client)
    post(client, email="mallory@evil.example", text="Let me in.")
    assert Ticket.objects.count() == 2


def test_form_without_a_valid_address_comes_back_with_its_text(cast, client):
    response = post(client, email="dana at petit", text="A long story that took me an hour.")
    assert response.status_code == 400
    assert 'aria-invalid="true"' in response.text
    assert "A long story that took me an hour." in response.text
    assert not Inbound.objects.exists()


@pytest.mark.parametrize("field", ["email", "subject", "text"])
def test_missing_field_is_marked(cast, client, field):
    response = post(client, **{field: ""})
    assert response.status_code == 400
    assert f'id="id_{field}_error"' in response.text


def test_too_large_files_are_refused_with_the_text_kept(cast, client, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_BYTES", 1000)
    big = [SimpleUploadedFile(f"{n}.bin", b"x" * 400) for n in range(3)]
    response = post(client, attachments=big, text="The story stays.")
    assert response.status_code == 413
    assert "The story stays." in response.text
    assert "Please choose your files again" in response.text
    assert not Inbound.objects.exists()


def test_enormous_upload_is_not_read_to_its_end(cast, client, monkeypatch):
    monkeypatch.setattr(uploads, "DISCONNECT_AFTER", 1000)
    response = post(client, attachments=[SimpleUploadedFile("big.bin", b"x" * 5000)], text="The story stays.")
    assert response.status_code == 413
    assert "The story stays." in response.text


def test_more_than_ten_files_are_refused_with_the_text_kept(cast, client):
    many = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(11)]
    response = post(client, attachments=many)
    assert response.status_code == 400
    assert "at most 10 files" in response.text
    assert "My lamp arrived broken." in response.text


def test_nul_in_the_text_is_no_error(cast, client):
    post(client, text="My lamp\x00 arrived broken.")
    assert Ticket.objects.get().messages.get().text == "My lamp arrived broken."


def test_decoy_waits_for_a_person_and_looks_the_same_to_its_sender(cast, client):
    response = post(client, website="https://spam.example")
    assert b"Thank you, we have your message" in response.content
    assert Inbound.objects.needing_attention().get().rule == "decoy"
    assert not Ticket.objects.exists()
    assert not Outbound.objects.exists()


def test_many_forms_of_one_address_are_slowed_down_with_the_text_kept(cast, client):
    answers = [post(client, token=f"token-number-{n:04}", text=f"Story {n}") for n in range(7)]
    assert [a.status_code for a in answers] == [200] * 6 + [429]
    assert "Story 6" in answers[-1].text
    assert Ticket.objects.count() == 6


def test_resending_is_not_counted(cast, client):
    answers = [post(client) for _ in range(12)]
    assert {a.status_code for a in answers} == {200}


def test_one_form_again_and_again_is_slowed_down(cast, client):
    answers = [post(client, follow=False, text=f"Hello? {number}").status_code for number in range(22)]
    assert answers == [302] * 21 + [429]


def test_promise_of_the_roster_is_told(cast, client, estimator):
    from tickets.clock import database_now

    start = database_now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=30)
    estimator(Estimate(start, start + timedelta(minutes=90)))
    assert "a person will answer you." in client.get(reverse("portal:request")).text
    response = post(client)
    promise = Ticket.objects.get().promises.get()
    assert promise.from_at == start
    assert "We will let you know if this changes." in response.text


def test_without_an_estimate_no_time_is_invented(cast, client):
    assert "as soon as somebody is available" in client.get(reverse("portal:request")).text


def test_opening_hours_are_told_when_nobody_can_estimate(cast, client):
    from datetime import time

    from tickets.models import Calendar

    cast.orders.calendar = Calendar.objects.create(name="Office", time_zone="Europe/Paris")
    cast.orders.save()
    for weekday in range(5):
        cast.orders.calendar.rules.create(weekday=weekday, opens=time(9), closes=time(18))
    assert "Monday to Friday 09:00–\u206018:00" in client.get(reverse("portal:request")).text


def test_one_queue_needs_no_choice(cast, client):
    assert 'name="about"' not in client.get(reverse("portal:request")).text


def test_queue_is_chosen_when_there_are_several(cast, client):
    refunds = make.channel("web", cast.refunds)
    assert 'name="about"' in client.get(reverse("portal:request")).text
    post(client, about=refunds.key)
    assert Ticket.objects.get().queue == cast.refunds


def test_without_a_form_the_mailboxes_are_named(cast, client):
    cast.web.is_active = False
    cast.web.save()
    response = client.get(reverse("portal:request"))
    assert response.status_code == 503
    assert "support@demo.example" in response.text


def test_form_speaks_the_visitors_language(cast, client):
    response = client.post(
        reverse("portal:request"), {**FORM, "email": "neu@person.example"}, headers={"accept-language": "fr"}
    )
    assert response.status_code == 302
    assert Ticket.objects.get().language == "fr"


def test_form_from_another_site_is_refused(cast):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("portal:request"), FORM).status_code == 403
    assert not Inbound.objects.exists()


def test_what_another_site_sent_is_shown_without_the_token_it_chose(cast):
    strict = Client(enforce_csrf_checks=True)
    page = strict.post(reverse("portal:request"), {**FORM, "token": "chosen-by-another-site"})
    assert FORM["text"] in page.content.decode()
    assert "chosen-by-another-site" not in page.content.decode()


def test_thanks_page_alone_leads_to_the_form(cast, client):
    assert client.get(reverse("portal:thanks")).url == reverse("portal:request")

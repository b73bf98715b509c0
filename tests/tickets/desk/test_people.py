"""The customer's card, and who else reads the ticket."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests import make
from tickets.models import Customer, Event, Identity, Message, QueueMembership, Reader
from tickets.platform import tasks_on_commit
from tickets.tasks import announce_readers


def post(client, name, ticket, **fields):
    return client.post(reverse(f"desk:{name}", args=[ticket.pk]), fields)


def test_an_address_or_a_number_is_added_in_one_form(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    post(client, "add_identity", ticket, value=" Dana@Work.example ")
    post(client, "add_identity", ticket, value="06 12 34 56 78")
    added = set(cast.dana.identities.values_list("kind", "value"))
    assert added >= {("email", "dana@work.example"), ("phone", "+33612345678")}


def test_an_address_that_is_added_is_a_claim_whoever_has_it(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    post(client, "add_identity", ticket, value="emile@moreau.example")
    assert cast.dana.identities.get(value="emile@moreau.example").is_claim
    assert "not verified" in client.get(reverse("desk:card", args=[ticket.pk])).content.decode()


def test_what_is_neither_is_refused_with_a_sentence(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    response = post(signed_in("alice"), "add_identity", ticket, value="next door")
    assert response.status_code == 400
    assert "neither an email address nor a phone number" in response.content.decode()


def test_notes_are_kept_and_their_change_is_on_record_without_the_words(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    post(signed_in("alice"), "notes", ticket, notes="Prefers mornings.")
    kept = cast.dana.details.get()
    assert (kept.notes, kept.queue) == ("Prefers mornings.", ticket.queue)
    assert Event.objects.get(kind="customer.changed").data == {"customer": cast.dana.pk, "fields": ["notes"]}


def test_a_shared_number_is_settled_by_asking(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    unknown = Customer.objects.create(name="", created_at=now)
    ticket.customer = unknown
    ticket.save()
    Message.objects.filter(ticket=ticket).update(facts={"candidates": [cast.dana.pk, cast.emile.pk]})
    client = signed_in("alice")
    card = client.get(reverse("desk:card", args=[ticket.pk])).context["card"]
    assert {person.pk for person in card.candidates} == {cast.dana.pk, cast.emile.pk}
    assert post(client, "say_who", ticket, customer=cast.emile.pk).status_code == 204
    ticket.refresh_from_db()
    assert ticket.customer == cast.emile


def test_nobody_is_named_whom_one_may_not_see(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    hidden = make.customer("Hidden", "hidden@person.example")
    other = make.ticket(cast.web, hidden)
    type(other).objects.filter(pk=other.pk).update(queue=cast.mallory.memberships.get().queue)
    client = signed_in("alice")
    assert post(client, "say_who", ticket, customer=hidden.pk).status_code == 404
    assert post(client, "say_who", ticket, customer="x").status_code == 404


def test_marks_of_an_address_are_shown(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    Identity.objects.filter(customer=cast.dana).update(verified_at=now, undeliverable_at=now)
    text = signed_in("alice").get(reverse("desk:card", args=[ticket.pk])).content.decode()
    assert "verified" in text
    assert "bounces" in text


def test_two_people_in_one_ticket_see_each_other(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    post(signed_in("alice"), "readers", ticket, seen=1, writing=1)
    response = post(signed_in("bob"), "readers", ticket, seen=1, writing=0)
    assert "Alice is writing" in response.content.decode()
    assert "Bob" not in response.content.decode()
    assert "Bob is reading" in post(signed_in("alice"), "readers", ticket, seen=1).content.decode()


def test_reader_who_begins_to_write_is_announced_to_the_others(
    cast, signed_in, monkeypatch, django_capture_on_commit_callbacks
):
    ticket, started = make.ticket(cast.web, cast.dana), []
    monkeypatch.setattr(tasks_on_commit, "_submit", lambda task, args: started.append((task, args)))
    with django_capture_on_commit_callbacks(execute=True):
        post(signed_in("alice"), "readers", ticket, seen=1, writing=1)
    assert (announce_readers.name, (ticket.pk,)) in started


def test_somebody_who_left_is_seen_no_more(cast, now, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    alice, bob = signed_in("alice"), signed_in("bob")
    post(alice, "readers", ticket, seen=1)
    assert post(alice, "readers", ticket, left=1).status_code == 204
    assert "Alice" not in post(bob, "readers", ticket, seen=1).content.decode()


def test_a_page_that_fell_silent_is_gone_after_30_seconds(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    post(signed_in("alice"), "readers", ticket, seen=1)
    row = Reader.objects.get()
    Reader.objects.update(at=row.at - timedelta(seconds=31))
    assert "Alice" not in post(signed_in("bob"), "readers", ticket, seen=1).content.decode()


def test_what_was_read_never_goes_backwards_nor_beyond_the_end(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    client = signed_in("alice")
    post(client, "readers", ticket, seen=99)
    post(client, "readers", ticket, seen=0)
    assert Reader.objects.get().seen_seq == 1


@pytest.fixture
def helper(cast, signed_in):
    """Return Alice's browser while she only helps out for a while in the queue of orders."""
    QueueMembership.objects.filter(user=cast.alice).update(hides_personal_data=True)
    return signed_in("alice")


def test_who_helps_out_is_shown_no_address_in_what_is_found(cast, now, helper):
    make.ticket(cast.web, cast.dana)
    Customer.objects.filter(pk=cast.dana.pk).update(name="")
    for text in ("petit", "lamp", "dana@petit.example"):
        page = helper.get(reverse("desk:search") + f"?q={text}").content.decode()
        assert "dana@petit.example" not in page.replace(f'value="{text}"', "").replace(f"“{text}”", "")
    assert "d…@…" in page


def test_who_helps_out_is_shown_no_address_in_lists_and_on_tickets(cast, now, helper):
    ticket = make.ticket(cast.web, cast.dana)
    Customer.objects.filter(pk=cast.dana.pk).update(name="")
    ticket.messages.update(from_name="")
    for address in (reverse("desk:list", args=["unassigned"]), reverse("desk:ticket", args=[ticket.pk])):
        page = helper.get(address).content.decode()
        assert "dana@petit.example" not in page
        assert "d…@…" in page


def test_an_agent_names_whom_they_know_by_the_address_that_somebody_typed(cast, now, signed_in):
    make.ticket(cast.web, cast.dana)
    typed = make.typed_ticket(cast.web, cast.dana.email)
    client = signed_in("alice")
    card = client.get(reverse("desk:card", args=[typed.pk])).context["card"]
    assert card.candidates == [cast.dana]
    post(client, "say_who", typed, customer=cast.dana.pk)
    card = client.get(reverse("desk:card", args=[typed.pk])).context["card"]
    assert (card.customer, card.candidates) == (cast.dana, [])
    assert [identity.is_claim for identity in card.contact_details] == [False]


def test_a_number_that_could_be_two_is_not_guessed(cast, signed_in):
    ticket = make.ticket(cast.web, cast.dana)
    response = post(signed_in("alice"), "add_identity", ticket, value="493012345")
    assert response.status_code == 400
    assert "more than one number" in response.text

"""What was typed of somebody (an address, a number) is a claim: it joins nobody and shows nothing."""

from __future__ import annotations

import pytest

from tests.helpdesk.rights.attacks import EVIL, NUMBER, ORDERS, OWNER, SECRET
from tickets.actor import SYSTEM
from tickets.api import keys
from tickets.clock import database_now
from tickets.intake import ledger
from tickets.models import Channel, Queue, Ticket


@pytest.mark.parametrize("who", ["alice", "carol"])
def test_an_address_added_to_a_card_opens_nothing_that_comes_later(attack, who):
    ticket = attack.mail(OWNER, "My lamp.")
    attack.at_work(who).post(f"/admin/desk/{ticket.pk}/identities/", {"value": EVIL})
    attack.owner_writes()
    assert SECRET not in attack.what_a_link_shows(EVIL)


def test_an_address_added_to_a_card_opens_nothing_that_moves_later(attack):
    ticket = attack.mail(OWNER, f"My {SECRET}.")
    attack.at_work("alice").post(f"/admin/desk/{ticket.pk}/identities/", {"value": EVIL})
    ticket.move_to(Queue.objects.get(slug="legal"), by=attack.cast.acting("admin"), now=database_now())
    assert SECRET not in attack.what_a_link_shows(EVIL)


def test_mail_from_an_address_on_a_card_does_not_make_its_sender_that_customer(attack):
    ticket = attack.mail(OWNER, "My lamp.")
    attack.at_work("alice").post(f"/admin/desk/{ticket.pk}/identities/", {"value": EVIL})
    attack.mail(EVIL, "I am the owner.")
    attack.owner_writes()
    assert SECRET not in attack.what_a_link_shows(EVIL)


@pytest.mark.parametrize("steps", ORDERS.values(), ids=ORDERS.keys())
def test_a_visitor_who_types_two_addresses_is_neither(attack, steps):
    chat = attack.plays(steps)
    assert SECRET not in attack.what_a_link_shows(EVIL)
    assert SECRET not in chat.sees


def test_what_a_visitor_said_is_not_shown_to_the_owner_of_a_typed_address_only_mailed(attack):
    chat = attack.chat()
    chat.introduces(OWNER)
    chat.says(f"I am {SECRET}.")
    chat.introduces(EVIL)
    attack.mail(OWNER, "Hello.")
    assert SECRET not in attack.what_a_link_shows(OWNER)


def new_ticket(attack, whom):
    """Let Alice begin a ticket for an address or a number; return the ticket's own number."""
    cast = attack.cast
    sent = {"queue": cast.orders.pk, "channel": cast.mailbox.pk, "subject": "Lamp", "text": "Hello.",
            "how": "note", "who": whom}  # fmt: skip
    answer = attack.at_work("alice").post("/admin/desk/new/", sent)
    assert answer.status_code == 302
    return int(answer["Location"].rstrip("/").rpartition("/")[2])


@pytest.mark.parametrize("who", [OWNER, NUMBER])
def test_a_new_ticket_for_an_address_shows_nothing_of_its_owner(attack, hidden, who):
    assert SECRET not in attack.what_a_ticket_shows("alice", new_ticket(attack, who))


def test_a_new_ticket_brings_its_addressee_into_no_search(attack, hidden):
    new_ticket(attack, OWNER)
    client = attack.at_work("alice")
    asked = (f"search/?q={OWNER}", f"people/?who={OWNER}", "people/?who=Owner", f"people/?who={NUMBER[1:]}")
    assert [q for q in asked if SECRET in client.get(f"/admin/desk/{q}").content.decode()] == []


def test_a_new_ticket_by_the_api_shows_nothing_of_its_customer(attack, hidden):
    key = keys.create_key(attack.cast.alice, "x", ["read", "write"], by=attack.cast.acting("admin"),
                    now=database_now())[1]  # fmt: skip
    client, headers = attack.at_work("alice"), {"Authorization": f"Bearer {key}"}
    body = {"queue": "orders", "customer": {"email": OWNER}, "subject": "Lamp", "text": "Hello."}
    made = client.post("/api/v1/tickets/", body, content_type="application/json", headers=headers)
    pages = [made, *(client.get(f"/api/v1/{page}", headers=headers) for page in (
        f"tickets/{made.json()['number']}/", "tickets/", "customers/", f"customers/?email={OWNER}",
        f"customers/{made.json()['customer']}/", f"tickets/?customer={hidden.public_id}",
    ))]  # fmt: skip
    assert [page.wsgi_request.path for page in pages if SECRET in page.content.decode()] == []


def test_the_notes_of_a_new_tickets_customer_do_not_become_those_of_its_owner(attack, hidden):
    number = new_ticket(attack, OWNER)
    attack.at_work("alice").post(f"/admin/desk/{number}/notes/", {"notes": "Overwritten."})
    assert hidden.details.get().notes == f"Note {SECRET}"


def test_a_noted_call_shows_and_changes_nothing_of_whose_number_it_is(attack, hidden):
    client = attack.at_work("alice")
    before = Ticket.objects.get(customer=hidden)
    fields = {"number": NUMBER, "direction": "in", "result": "answered", "minutes": "3", "note": "Hello.",
              "place": "theirs"}  # fmt: skip
    answer = client.post("/admin/desk/calls/new/", fields, follow=True)
    assert SECRET not in answer.content.decode()
    assert SECRET not in client.get("/admin/desk/calls/").content.decode()
    after = Ticket.objects.get(pk=before.pk)
    assert (after.version, after.last_seq) == (before.version, before.last_seq)


def test_a_ticket_made_by_hand_of_a_set_aside_mail_shows_nothing_of_its_sender(attack, hidden):
    kept, _new = ledger.keep_raw(
        attack.cast.mailbox, b"Subject: x\r\n\r\n\0", source_key="x", now=database_now()
    )
    ledger.quarantine(kept, rule="defect", why="x", now=database_now())
    fields = {"sender": OWNER, "name": "", "subject": "Lamp", "text": "Hello."}
    address = f"/admin/desk/quarantine/{kept.pk}/ticket/"
    assert attack.at_work("carol").post(address, fields).status_code == 204
    made = Ticket.objects.get(queue=attack.cast.orders)
    assert SECRET not in attack.what_a_ticket_shows("carol", made.pk)


def test_who_writes_to_one_queue_is_not_shown_to_it_as_another_knows_them(attack, hidden):
    ticket = attack.mail(OWNER, "My lamp.")
    hidden.rename("Owner", by=SYSTEM, now=database_now())  # a name is the person's own, whoever learnt it
    shown = attack.what_a_ticket_shows("alice", ticket.pk)
    assert ticket.customer == hidden
    assert SECRET not in shown
    assert NUMBER[-4:] not in shown


OTHERS = {
    "reply to": (EVIL, {"Reply_To": OWNER}),
    "nobody reads there": ("noreply@attacker.example", {"Reply_To": OWNER}),
    "form": ("wordpress@attacker.example", {"Reply_To": OWNER}),
    "group": ("Owner via Sales <sales@attacker.example>", {"X_Original_From": OWNER}),
    "own mailbox": ("support@demo.example", {"Reply_To": OWNER}),
    "copy": (EVIL, {"Cc": OWNER}),
    "forward": (
        "alice@demo.example",
        {"subject": "Fwd: x", "text": f"-- Forwarded message --\nFrom: {OWNER}\nSubject: x\n\nHello."},
    ),
}


@pytest.mark.parametrize("way", OTHERS)
def test_what_a_mail_says_of_others_than_its_sender_opens_nothing(attack, hidden, way):
    Channel.objects.filter(pk=attack.cast.mailbox.pk).update(answers_reply_to="always")
    Queue.objects.filter(slug="orders").update(adds_copies=True)
    sender, parts = OTHERS[way]
    ticket = attack.mail(sender, **{"text": "Hello.", **parts})
    if way == "forward":
        answer = attack.at_work("alice").post(f"/admin/desk/{ticket.pk}/sender/1/", {"choice": "0"})
        assert answer.status_code == 204
    attack.owner_writes()
    assert SECRET not in attack.what_a_link_shows(EVIL)
    assert SECRET not in attack.what_a_ticket_shows("alice", ticket.pk)


def test_who_is_in_copy_sees_nothing_else_of_whom_put_them_there(attack):
    Queue.objects.filter(slug="orders").update(adds_copies=True)
    attack.mail(OWNER, "My lamp.", Message_ID="<one@victim.example>", Cc=EVIL)
    attack.mail(EVIL, "I agree.", In_Reply_To="<one@victim.example>")
    attack.owner_writes()
    assert SECRET not in attack.what_a_link_shows(EVIL)

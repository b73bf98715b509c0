"""What an agent clicks where somebody else is meant: a person in copy, and whose mail was sent on."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.mails import mail
from tests.tickets.desk.conftest import PHONE
from tests.tickets.desk.test_walk import AXE
from tickets.channels.email.inbound import mailroom
from tickets.clock import database_now
from tickets.intake import receive

FORWARD = """Can you take this?

---------- Forwarded message ---------
From: Nora Field <nora@field.example>
Date: Mon, 3 May 2027 at 09:00
Subject: My lamp
To: Alice <alice@demo.example>

Where is my lamp?
"""


@pytest.fixture
def came(people):
    """Return a function that brings a mail in, and gives its ticket."""

    def bring(sender, text, **headers):
        now = database_now()
        row, _ = mailroom.accept(mail(sender, text, **headers), recipients=["support@demo.example"], now=now)
        return receive.process(row.pk, now=now).ticket

    return bring


def test_a_person_in_copy_is_answered_after_one_click(at_desk, came):
    ticket = came("Dana <dana@petit.example>", "Paul decides.", Cc="Paul Petit <paul@petit.example>")
    alice = at_desk("alice", f"/admin/desk/{ticket.pk}/")
    expect(alice.locator(".message__copies")).to_contain_text("Paul Petit (paul@petit.example)")
    assert Axe().run(alice, options=AXE).response["violations"] == []
    alice.get_by_role("button", name="Answer them too").click()
    expect(alice.locator(".message__copies")).to_contain_text("takes part")
    expect(alice.locator("#recipients")).to_contain_text("paul@petit.example")
    alice.get_by_role("button", name="Leave out").click()
    expect(alice.get_by_role("button", name="Answer them too")).to_be_visible()


@pytest.mark.parametrize("size", [None, PHONE])
def test_yes_from_nora_makes_the_ticket_hers(at_desk, came, size):
    ticket = came("Alice <alice@demo.example>", FORWARD, subject="Fwd: My lamp")
    bob = at_desk("bob", f"/admin/desk/{ticket.pk}/", **({"size": size} if size else {}))
    expect(bob.locator(".message .notice")).to_contain_text("Is this from Nora Field (nora@field.example)?")
    assert Axe().run(bob, options=AXE).response["violations"] == []
    bob.get_by_role("button", name="Yes, from Nora Field").click()
    expect(bob.locator(".message__body").first).to_have_text("Where is my lamp?")
    expect(bob.locator(".message--note")).to_contain_text("Can you take this?")
    expect(bob.locator("#head")).to_contain_text("My lamp")
    expect(bob.locator("#recipients")).to_contain_text("nora@field.example")
    expect(bob.locator("#recipients")).not_to_contain_text("alice@demo.example")
    expect(bob.locator("#card")).to_contain_text("nora@field.example")

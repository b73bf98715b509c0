"""Automatic messages in a real browser: the list with its one click, and a line that unfolds on a ticket."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.tickets.channels.email.kinds.notices import AWAY, NOTICES, receipt, written
from tests.tickets.channels.email.scene import DANA, Scene
from tests.tickets.desk.conftest import PHONE, WIDE
from tests.tickets.desk.test_walk import AXE
from tickets.clock import database_now
from tickets.models import Notice, Ticket

expect.set_options(timeout=20_000)


@pytest.fixture
def scene(people):
    return Scene(people, database_now())


def test_the_list_is_searched_read_and_a_ticket_made_of_one(at_desk, scene):
    for name in ("replied", "read", "confirm", "delayed", "accepted"):
        scene.raw(NOTICES[name][1])
    alice = at_desk("alice")
    alice.get_by_role("link", name="Automatic messages").click()
    expect(alice.locator("#kept .card")).to_have_count(5)
    alice.get_by_role("searchbox", name="Search the automatic messages").fill("december")
    alice.keyboard.press("Enter")
    expect(alice.locator("#kept .card")).to_have_count(1)
    card = alice.locator("#kept .card")
    expect(card).to_contain_text("Absence notice from Nora Field: away until 4 December")
    card.get_by_text("Read it").click()
    expect(card).to_contain_text(AWAY)
    card.get_by_role("button", name="Make a ticket").click()
    expect(alice.locator("#thread")).to_contain_text(AWAY)
    expect(alice.locator("#card")).to_contain_text("nora@field.example")
    assert (Ticket.objects.latest("pk").customer.name, Notice.objects.count()) == ("Nora Field", 4)


def test_a_line_on_the_ticket_unfolds(at_desk, scene):
    scene.raw(receipt(about=scene.our_id.strip("<>"), From=DANA))
    scene.raw(written("Re: Lamp", AWAY, sender=DANA, Auto_Submitted="auto-replied", References=scene.our_id))
    alice = at_desk("alice", f"/admin/desk/{scene.ticket.pk}/")
    lines = alice.locator("#thread .event--notice")
    expect(lines).to_have_count(2)
    away = lines.nth(1)
    expect(away.locator("summary")).to_contain_text("Absence notice from Dana Petit: away until 4 December")
    expect(away.locator(".message__body")).not_to_be_visible()
    away.locator("summary").focus()
    alice.keyboard.press("Enter")
    expect(away.locator(".message__body")).to_contain_text(AWAY)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_list_and_the_lines_are_accessible_and_fit(at_desk, scene, size):
    for kind in ("replied", "read", "delayed"):
        scene.raw(NOTICES[kind][1])
    scene.raw(receipt(about=scene.our_id.strip("<>"), From=DANA))
    for path in ("/admin/desk/automatic/", f"/admin/desk/{scene.ticket.pk}/"):
        page = at_desk("alice", path, size)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        report = Axe().run(page, options=AXE)
        assert report.violations_count == 0, report.generate_report()

"""What only a browser can say of routing's pages: axe, the CSP, a phone, a walk, and pictures to look at."""

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from routing.dispatch import policies, run
from routing.models import Agent, Alert, Leave, OnCall, PresenceSpan, Shift, Surge, SurgeAsk, SurgePlan
from routing.what_if import trials
from routing.workforce import agents, fairness, presence, slots
from tests import make
from tests.cast import Cast, assemble
from tickets.actor import SYSTEM, Actor
from tickets.clock import database_now
from tickets.models import Ticket

RULES = {"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PICTURES = os.environ.get("TANDEM_PICTURES", "")  # a folder to keep pictures in, to look at them
SCREEN = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
PAGES = ("roster", "slots", "fairness", "rushes", "policies", "what_if")
HOUR = timedelta(hours=1)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    made = assemble()
    now = database_now()
    _people(made, now)
    _slots(made, now)
    _rush(made, now)
    _work(made, now)
    fairness.refresh_ledger(now)
    return made


def _people(cast: Cast, now: Any) -> None:
    """Six people over three time zones, with shifts this week, a leave and an on-call duty."""
    names = {"alice": "Europe/Paris", "bob": "America/Toronto"}
    for name in ("chloe", "diego", "eva", "farid"):
        user = make.user(name)
        make.membership(user, cast.orders)
        names[name] = "Europe/Lisbon" if name == "diego" else "Europe/Paris"
    for number, (name, zone) in enumerate(names.items()):
        user = get_user_model()._default_manager.get(email=f"{name}@demo.example")
        agent = agents.make_agent(user, now=now)
        home = "home" if number % 2 else "office"
        Agent.objects.filter(pk=agent.pk).update(time_zone=zone, works_from=home, helps_out=True)
        presence.set_status(agent, "available", by=Actor.for_user(user), now=now)
        monday = now.replace(hour=7, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
        for day in range(5):
            start = monday + timedelta(days=day, hours=number)
            Shift.objects.create(agent=agent, during=(start, start + 7 * HOUR))
        PresenceSpan.objects.filter(agent=agent).delete()
        PresenceSpan.objects.create(
            agent=agent, during=(now - (3 + number) * HOUR, now), status="available", works_from=home
        )
    eva = Agent.objects.get(user__email="eva@demo.example")
    Leave.objects.create(agent=eva, during=(now, now + timedelta(days=2)), note="Holiday")
    OnCall.objects.create(queue=cast.orders, agent=eva, during=(now + 2 * HOUR, now + 10 * HOUR))


def _slots(cast: Cast, now: Any) -> None:
    bob = Agent.objects.get(user=cast.bob)
    for days, seats in ((8, 2), (9, 1)):
        start = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=days)
        slot = slots.post_slot(
            cast.orders, start, start + 4 * HOUR, seats=seats, by=SYSTEM, now=now, note="Evening sale"
        )
        booking = slots.request_slot(slot, bob, by=SYSTEM, now=now)
        if days == 9:
            slots.approve_booking(booking, by=SYSTEM, now=now)


def _rush(cast: Cast, now: Any) -> None:
    SurgePlan.objects.create(queue=cast.orders)
    surge = Surge.objects.create(queue=cast.orders, began_at=now - HOUR, wait_seconds=4000)
    for user, answer in ((cast.mallory, ""), (cast.alice, "")):
        agent = agents.make_agent(user, now=now)
        SurgeAsk.objects.create(surge=surge, agent=agent, asked_at=now, expires_at=now + HOUR, answer=answer)
    Alert.objects.create(kind="surge", queue=cast.orders, at=now)


def _work(cast: Cast, now: Any) -> None:
    for minutes in (90, 60, 30, 5):
        make.ticket(cast.web, cast.dana, now=now - timedelta(minutes=minutes))
    for second in range(4):
        run.run_pass(now + timedelta(seconds=second))
    made = policies.create_policy(
        {"fairness_weight": 0.5, "mail": {"hold_seconds": 900}}, by=SYSTEM, now=now, note="Try"
    )
    made.put_in_force(by=SYSTEM, now=now)
    policies.create_policy({"reserve": 2.0}, by=SYSTEM, now=now, note="More people free for calls")


def page_for(browser: Any, server: str, person: Any, **options: Any) -> Any:
    client = Client()
    client.force_login(person)
    context = browser.new_context(**options)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server}])
    return context.new_page()


def keep(page: Any, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "fr")])
def test_pages_pass_axe(asgi_server: str, cast: Cast, browser: Any, scheme: str, language: str):
    cast.admin.language = language
    cast.admin.save(update_fields=["language"])
    page = page_for(browser, asgi_server, cast.admin, color_scheme=scheme, bypass_csp=True, **SCREEN)
    found = []
    for name in PAGES:
        page.goto(asgi_server + reverse(f"routing:{name}"))
        for violation in Axe().run(page, options=RULES).response["violations"]:
            found.append((name, violation["id"], [node["target"] for node in violation["nodes"]][:3]))
        keep(page, f"{scheme}-{language}-{name}")
    page.context.close()
    assert found == []


def test_nothing_breaks_the_csp_or_is_wider_than_a_phone(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.carol, **PHONE)
    said: list[str] = []
    wide = []
    page.on("console", lambda message: said.append(message.text))
    for name in PAGES:
        page.goto(asgi_server + reverse(f"routing:{name}"))
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(name)
        keep(page, f"phone-{name}")
    page.context.close()
    assert [text for text in said if "Content Security Policy" in text] == []
    assert wide == []


def test_a_slot_is_approved_and_rules_are_tried_out_by_clicks(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.carol, **SCREEN)
    page.goto(asgi_server + reverse("routing:slots"))
    page.get_by_role("button", name="Approve").first.click()
    page.get_by_text("It is now a shift").first.wait_for()
    assert Shift.objects.filter(booking__isnull=False).count() == 2
    page.goto(asgi_server + reverse("routing:policies"))
    page.locator("#dial-reserve").fill("3")
    page.get_by_role("button", name="Try it out").first.click()
    page.locator("#preview").wait_for()
    keep(page, "preview")
    page.context.close()


def test_a_question_is_asked_watched_and_answered(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.carol, **SCREEN)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(asgi_server + reverse("routing:what_if"))
    today = date.fromisoformat(page.locator("[data-date-native]").last.get_attribute("max"))
    page.locator("#what-if-first").fill(str(today - timedelta(days=1)))
    page.locator("#what-if-last").fill(str(today))
    page.get_by_label("Best skilled first").check()
    page.get_by_label("Another number of people:").check()
    page.locator("#what-if-without").select_option(label="Bob")
    page.get_by_role("button", name="Run").click()
    page.get_by_text("Queued").wait_for()
    keep(page, "trial-waits")
    trials.run_next_trial(database_now())
    page.get_by_role("heading", name="Side by side").wait_for()
    for scheme, width in (("light", 1440), ("dark", 390)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        keep(page, f"trial-{scheme}-{width}")
    assert "Without Bob" in page.locator("#trial").inner_text()
    found = Axe().run(page, options=RULES).response["violations"]
    page.context.close()
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
    assert [text for text in said if "Content Security Policy" in text] == []


def test_reasons_answer_why_not_and_play_it_again(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.carol, **SCREEN)
    number = Ticket.objects.filter(assignee__isnull=False).order_by("pk").values_list("pk", flat=True)[0]
    page.goto(asgi_server + reverse("desk:ticket", args=[number]))
    page.get_by_role("button", name="Why this agent?").click()
    assert page.locator("#reasons select").input_value() == ""  # nobody is asked about before one chooses
    page.locator("#reasons select").select_option(index=1)
    page.get_by_role("button", name="Why not?").click()
    page.locator("#why-not").wait_for()
    page.get_by_role("button", name="Replay the decision").click()
    page.locator("#replay").wait_for()
    keep(page, "reasons")
    assert "the same agent, with the same points" in page.locator("#replay").inner_text()
    page.context.close()


def test_the_presence_menu_takes_a_break_and_puts_chats_aside(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.alice, **SCREEN)
    page.goto(asgi_server + reverse("desk:home"))
    page.locator("#presence summary").click()
    keep(page, "presence")
    page.locator("#presence input[name=chats]").uncheck()
    page.locator("#presence input[name=chats]:not(:checked)").wait_for(state="attached")
    page.wait_for_timeout(100)
    page.locator("#presence summary").click()
    page.locator("#presence .menu__item", has_text="15 min").click()
    page.get_by_text("back at").first.wait_for()
    assert Agent.objects.get(user=cast.alice).presence.takes_chats is False
    page.context.close()

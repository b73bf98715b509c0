"""What only a browser can say of numbers, wall and survey: axe, the CSP, a phone, and pictures to look at."""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse

from metrics.facts import derive
from metrics.models import Survey, WallSnapshot
from metrics.surveys import inviting, links
from routing.workforce import agents, presence
from tests import make
from tests.cast import Cast, assemble
from tests.metrics.season import MINUTE, pass_by
from tests.metrics.story import DAY, solved
from tickets.clock import database_now
from tickets.models import Promise
from tickets.platform import crypto

RULES = {"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PICTURES = os.environ.get("TANDEM_PICTURES", "")  # a folder to keep pictures in, to look at them
DRAWN_DIFFERENTLY = ("fcr", "ces", "first_human_response", "backlog", "repeat_contacts")
SCREEN = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    made = assemble()
    pass_by(made, until=database_now(), days=40, a_day=4)
    busy_now(made)
    return made


def busy_now(cast: Cast) -> None:
    """Customers wait, one past their promise, and Alice is there."""
    now = database_now()
    for minutes in (190, 25, 8, 2):
        ticket = make.ticket(cast.web, cast.dana, now=now - minutes * MINUTE)
        if minutes in (190, 25):
            due = now + (10 if minutes == 25 else -30) * MINUTE
            Promise.objects.create(ticket=ticket, from_at=now, due_at=due, made_at=ticket.created_at)
        if minutes == 2:
            ticket.move_to(cast.refunds, by=cast.acting("alice"), now=now)
    agent = agents.make_agent(cast.alice, now=now)
    presence.record_heartbeat(agent, now=now)
    presence.set_status(agent, "available", by=cast.acting("alice"), now=now)
    derive.refresh_facts(now=now)


def addresses() -> list[str]:
    pages = [reverse("metrics:home"), reverse("metrics:wallboard"), reverse("metrics:tickets", args=["ces"])]
    return pages + [reverse("metrics:metric", args=[slug]) for slug in DRAWN_DIFFERENTLY]


def page_for(browser: Any, server: str, person: Any, **options: Any) -> Any:
    client = Client()
    client.force_login(person)
    context = browser.new_context(**options)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server}])
    return context.new_page()


def keep(page: Any, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def survey_address(cast: Cast) -> str:
    survey = Survey.objects.filter(state="invited").first()
    assert survey is not None
    Survey.objects.filter(pk=survey.pk).update(digest=crypto.digest(links.make_token(survey)))
    return reverse("survey:answer", args=[links.make_token(survey)])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_numbers_wall_and_survey_pass_axe(asgi_server: str, cast: Cast, browser: Any, scheme: str):
    page = page_for(browser, asgi_server, cast.carol, color_scheme=scheme, bypass_csp=True, **SCREEN)
    found = []
    for path in [*addresses(), survey_address(cast), "/s/nowhere/"]:
        page.goto(asgi_server + path)
        for details in page.locator("main details").all():
            details.evaluate("d => { d.open = true }")
        for violation in Axe().run(page, options=RULES).response["violations"]:
            found.append((path, violation["id"], [node["target"] for node in violation["nodes"]][:3]))
        keep(page, f"{scheme}-{path.strip('/').replace('/', '-')[:40]}")
    page.context.close()
    assert found == []


def test_nothing_breaks_the_csp_or_is_wider_than_a_phone(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.carol, **PHONE)
    said: list[str] = []
    wide = []
    page.on("console", lambda message: said.append(message.text))
    for path in [*addresses(), survey_address(cast)]:
        page.goto(asgi_server + path)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(path)
        keep(page, f"phone-{path.strip('/').replace('/', '-')[:40]}")
    page.context.close()
    assert [text for text in said if "Content Security Policy" in text] == []
    assert wide == []


def test_tables_become_blocks_on_a_phone_and_fit_it(asgi_server: str, cast: Cast, browser: Any):
    type(cast.carol).objects.update(language="fr")  # whose words are longer
    page = page_for(browser, asgi_server, cast.carol, **PHONE)
    page.goto(asgi_server + reverse("metrics:metric", args=["fcr"]))
    page.evaluate("for (const closed of document.querySelectorAll('details')) closed.open = true")
    tables = page.locator(".table-wrap:has(> .table--stack)")
    assert tables.count()
    assert tables.evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth).length") == 0
    page.context.close()


def test_the_wall_fetches_itself_and_says_when_it_is_old(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.carol)
    page.goto(asgi_server + reverse("metrics:wallboard"))
    with page.expect_response("**/picture/", timeout=15_000):
        pass
    assert page.locator("[data-stale]").is_hidden()
    page.route("**/picture/", lambda route: route.abort())
    page.locator("[data-stale]").wait_for(state="visible", timeout=25_000)
    page.unroute("**/picture/")
    page.locator("[data-fresh]").wait_for(state="visible", timeout=25_000)
    assert WallSnapshot.objects.count() == 1
    page.context.close()


def test_a_customer_answers_by_keyboard_alone(asgi_server: str, cast: Cast, browser: Any):
    page = browser.new_context().new_page()
    address = survey_address(cast)
    page.goto(f"{asgi_server}{address}?score=5")
    page.locator("input[name=score][value='5']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("Quick answer")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("we have your answer").wait_for()
    answered = Survey.objects.filter(comment="Quick answer").get()
    assert answered.score == 6
    page.context.close()


def test_a_number_opens_its_tickets_by_a_click(asgi_server: str, cast: Cast, browser: Any):
    page = page_for(browser, asgi_server, cast.carol)
    page.goto(asgi_server + reverse("metrics:metric", args=["promise_kept"]))
    first = page.locator(".population a").first
    count = int(first.inner_text())
    first.click()
    page.wait_for_url("**/tickets/**")
    assert f"{count} promises" in page.locator(".page__head").inner_text()
    page.context.close()


def test_an_invitation_leads_to_its_page(asgi_server: str, cast: Cast, browser: Any):
    at = database_now() - 2 * DAY
    ticket = solved(cast, make.customer("Zoé", "zoe@x.example"), at=at)
    derive.refresh_facts(now=database_now())
    inviting.invite_due(now=database_now())
    survey = Survey.objects.get(ticket=ticket)
    page = browser.new_context().new_page()
    page.goto(asgi_server + reverse("survey:answer", args=[links.make_token(survey)]))
    assert "made it easy for me" in page.locator("h1").inner_text()
    page.context.close()

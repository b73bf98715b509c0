"""The story: Dana reaches out by four ways, people answer her, and the numbers tell how it went.

Each step is one sentence of the story and sees for itself that it came true. The same story is told of
everything in one process and of the distributed processes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, Response, expect

from tests.helpdesk.whole_way import dana
from tests.helpdesk.whole_way.agent import Agent
from tests.helpdesk.whole_way.ground import MAILBOX
from tests.helpdesk.whole_way.house import House
from tests.helpdesk.whole_way.line import Line
from tests.helpdesk.whole_way.peer import link_in, text_of
from tests.tickets.channels.chat.pages import shop

PHOTO: FilePayload = {"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": b"a broken lamp"}
LABEL: FilePayload = {"name": "label.pdf", "mimeType": "application/pdf", "buffer": b"a return label"}
WAITING = "SELECT id, kind, state, ticket_id, agent_id, waiting_why FROM routing_workitem ORDER BY id"
PATIENCE = 60_000  # milliseconds; only a story that fails needs them all
WIDE = {"width": 1440, "height": 900}
NUMBERS = ("fcr", "ces", "first_human_response", "backlog")


class Story:
    """What has happened so far: who sits where, and which ticket it is about."""

    def __init__(self, house: House, browser: Browser) -> None:
        self.house, self.browser = house, browser
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.alice = Agent(self.page(), house.url, "alice").sit_down()
        self.bob = Agent(self.page(), house.url, "bob").sit_down()
        self.dana = dana.Browser(self.page(), house)
        self.ticket = 0

    def page(self) -> Page:
        """Open a browser of somebody's own."""
        context = self.browser.new_context(viewport=WIDE)
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._look_at)
        return page

    def dana_chats_through_a_line_that_breaks(self) -> None:
        """A shop's page on another origin; Alice accepts the offer; nothing is lost while the line is cut."""
        self.alice.be("Available")
        self.house.let_pass(15)
        line = Line(self.house.program.port)
        with shop(line.url, self.house.keys["chat"]) as site:
            chat = dana.Chat(self.page(), site.url)
            chat.introduce()
            chat.say("Is the blue lamp in stock?")
            self.alice.sees_new(1)
            self.alice.accept("Is the blue lamp in stock?")
            self.alice.reply("It is. How many do you need?")
            chat.shows("Is the blue lamp in stock?", "It is. How many do you need?")
            line.cut()
            chat.say("Two, please.")
            self.alice.reply("There are nine of them.")
            line.mend()
            chat.shows(
                "Is the blue lamp in stock?",
                "It is. How many do you need?",
                "There are nine of them.",
                "Two, please.",
            )
            expect(self.alice.thread).to_contain_text("Two, please.")
            self.alice.add_to_card(dana.NUMBER)
            self.alice.reply("They are put aside.", then="Send and solve")
            chat.end()
        line.close()

    def dana_writes_by_form_and_alice_sees_it_without_reloading(self) -> None:
        self.alice.sees_new(0)
        self.dana.write("Broken lamp", "My lamp arrived broken.", PHOTO)
        self.alice.sees_new(1)
        expect(self.alice.row("Broken lamp")).to_be_visible()
        self.thanks = self.house.peer.mail_with("Thank you, we have your message.")
        assert "a person will answer you" in text_of(self.thanks)

    def dana_writes_by_mail_and_calls(self) -> None:
        """By SMTP, by an MTA's pipe, by telephone, where nobody picks up."""
        dana.send(self.house, dana.mail("Two invoices", "Why are there two?"))
        piped = dana.mail("A question about bulbs", "Which bulb fits?").as_string()
        said = json.loads(self.house.command("receive_email", "--to", MAILBOX, text=piped))
        assert said["status"] in ("opened", "stored")
        assert dana.call_and_reach_nobody(self.house) == "opened"
        for words in ("Two invoices", "A question about bulbs", "Missed call"):
            expect(self.alice.row(words)).to_be_visible()
        self.alice.sees_new(4)

    def alice_says_who_typed_the_address(self) -> None:
        """Typing an address joins nobody; Alice knows Dana by her mails, and names her by one click."""
        customers = "SELECT count(DISTINCT customer_id), count(*) FROM tickets_ticket"
        assert self.house.rows(customers) == [(4, 5)]
        self.ticket = self.alice.open("Broken lamp")
        expect(self.alice.thread).to_contain_text("My lamp arrived broken.")
        expect(self.alice.thread).to_contain_text("lamp.jpg")
        expect(self.alice.card).to_contain_text("not verified")
        self.alice.card.locator(".who").get_by_role("button", name=dana.NAME).click()
        expect(self.alice.card).to_contain_text("3 contacts in total")
        for words in ("Two invoices", "A question about bulbs"):
            expect(self.alice.card).to_contain_text(words)
        assert self.house.rows(customers) == [(3, 5)]

    def alice_reads_why_then_notes_and_answers_with_a_file(self) -> None:
        assert "Alice" in self.alice.reasons()
        self.alice.note("Careful: her second broken one.")
        self.alice.reply("A new one is on its way.", file=LABEL)
        sent = self.house.peer.mail_with("A new one is on its way.")
        assert sent["In-Reply-To"] is None  # she wrote by form: there is no mail of hers to answer
        assert sent["References"] == self.thanks["References"]  # one thread in her mail program
        assert sent["Reply-To"].startswith("support+")
        assert [file.get_filename() for file in sent.iter_attachments()] == ["label.pdf"]
        assert "Careful" not in sent.as_string()
        state = self.alice.page.locator(".message--mine", has_text="A new one").locator(".message__state")
        expect(state).to_contain_text("sent")
        self.answer = sent

    def dana_answers_the_mail(self) -> None:
        """To the signed reply address: the same ticket, read by the same person."""
        reply = dana.mail(
            "Re: Broken lamp", "When will it be here?", to=self.answer["Reply-To"], answers=self.answer
        )
        self.question = reply
        dana.send(self.house, reply)
        expect(self.alice.thread).to_contain_text("When will it be here?")
        expect(self.alice.page.locator("#state")).to_have_text("open")
        self.its_owner_is("alice")

    def alice_hands_over_to_bob_who_solves_it(self) -> None:
        self.bob.be("Available")
        self.bob.sees_new(0)
        self.alice.hand_over("Bob", "She asks when the new lamp comes.")
        self.bob.sees_new(1)
        assert self.bob.open("Broken lamp") == self.ticket
        expect(self.bob.thread).to_contain_text("She asks when the new lamp comes.")
        self.bob.reply("Tomorrow before noon.", then="Send and solve")
        expect(self.bob.page.locator("#state")).to_have_text("solved")
        sent = self.house.peer.mail_with("Tomorrow before noon.")
        assert sent["In-Reply-To"] == self.question["Message-ID"]

    def dana_says_on_her_page_that_it_is_not_solved(self) -> None:
        """The link of the first mail shows the whole conversation; her word reopens the ticket with Bob."""
        page = self.dana.follow(link_in(self.thanks))
        for words in ("My lamp arrived broken.", "A new one is on its way.", "Tomorrow before noon."):
            expect(page.locator(".thread")).to_contain_text(words)
        expect(page.locator(".thread")).not_to_contain_text("Careful")
        page.get_by_label("Your message").fill("It is noon, and no lamp.")
        page.get_by_role("button", name="This is not solved").click()
        expect(page.locator(".thread")).to_contain_text("It is noon, and no lamp.")
        expect(self.bob.thread).to_contain_text("It is noon, and no lamp.")
        expect(self.bob.page.locator("#state")).to_have_text("open")
        self.its_owner_is("bob")
        self.bob.reply("The driver rings now.", then="Send and solve")
        self.house.peer.mail_with("The driver rings now.")

    def dana_says_how_easy_it_was(self) -> None:
        """The question comes by mail; opening its link records nothing, sending does."""
        self.house.command("sweep", "--once")
        asked = self.house.peer.mails_with("It is about your request “Broken lamp”.")[-1]
        self.dana.answer_survey(link_in(asked), 6, "Bob kept at it")
        stored = self.house.rows(
            "SELECT ticket_id, score, comment FROM metrics_survey WHERE state = 'answered'"
        )
        assert stored == [(self.ticket, 6, "Bob kept at it")]

    def carol_reads_the_numbers(self) -> None:
        """Derived from the events alone; each number leads to its tickets."""
        assert self.house.command("rebuild_facts").startswith("5 tickets in ")
        self.carol = self.page()
        Agent(self.carol, self.house.url, "carol")
        self.carol.wait_for_url("**/admin/**")
        for slug in NUMBERS:
            self.carol.goto(f"{self.house.url}/admin/metrics/")
            self.carol.locator(f'.measure a[href*="/{slug}/tickets/"]').click()
            link = self.carol.locator("main table a").first
            expect(link).to_have_attribute("href", re.compile(r"^/admin/desk/\d+/$"))
        self.carol.goto(f"{self.house.url}/admin/metrics/ces/")
        expect(self.carol.locator(".measure__value")).to_contain_text("1 of 1")

    def carol_sees_the_queue_live(self) -> None:
        """The wall counts one more, by itself, when Dana writes again."""
        self.carol.goto(f"{self.house.url}/admin/wallboard/")
        waiting = self.carol.locator(".figure", has_text="waiting for an agent").locator(".figure__value")
        expect(waiting).to_have_text("3")
        dana.send(self.house, dana.mail("One more thing", "Do you have candles?"))
        expect(waiting).to_have_text("4")
        expect(self.carol.locator("tr", has_text="Lamps")).to_contain_text("4")

    def _look_at(self, answer: Response) -> None:
        if answer.status >= 500:
            self.complaints.append(f"{answer.status} {answer.url}")

    def its_owner_is(self, name: str) -> None:
        query = f"""SELECT u.email FROM tickets_ticket t JOIN accounts_user u ON u.id = t.assignee_id
                    WHERE t.id = {self.ticket}"""
        assert self.house.rows(query) == [(f"{name}@demo.example",)]


@contextmanager
def told(house: House, browser: Browser) -> Iterator[Story]:
    """Begin the story, and close every window when it is over; no page may have broken."""
    story = Story(house, browser)
    try:
        yield story
        assert story.complaints == []
    except BaseException:
        print(*house.rows(WAITING), sep="\n")
        raise
    finally:
        for context in story.contexts:
            context.close()

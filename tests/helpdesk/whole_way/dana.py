"""What a customer does: writes by form, mail and chat, calls, follows their request, says how easy it was."""

from __future__ import annotations

import json
import smtplib
import urllib.request
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import make_msgid

from playwright.sync_api import FilePayload, Page, expect

from tests.helpdesk.whole_way.ground import MAILBOX
from tests.helpdesk.whole_way.house import House
from tests.tickets.channels.phone.told import headers_of, incoming

ADDRESS, NAME, NUMBER = "dana@petit.example", "Dana Petit", "+33612345678"


def mail(subject: str, text: str, *, to: str = MAILBOX, answers: EmailMessage | None = None) -> EmailMessage:
    """Return a mail of Dana's, in answer to another or not."""
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = f"{NAME} <{ADDRESS}>", to, subject
    written["Message-ID"] = make_msgid(domain="petit.example")
    if answers:
        written["In-Reply-To"] = answers["Message-ID"]
        written["References"] = f"{answers['References'] or ''} {answers['Message-ID']}".strip()
    written.set_content(text)
    return written


def send(house: House, written: EmailMessage) -> None:
    """Hand a mail to the helpdesk's own SMTP server."""
    with smtplib.SMTP("127.0.0.1", house.smtp_port, timeout=30) as client:
        client.send_message(written, from_addr=ADDRESS)


def call_and_reach_nobody(house: House, call_id: str = "call-1") -> str:
    """Let the phone provider tell of a missed call; return what it is answered."""
    raw = json.dumps(incoming("call.missed", call_id=call_id, number=NUMBER)).encode()
    signed = headers_of(house.keys["secret"], raw, event_id=f"event-{call_id}", at=datetime.now(UTC))
    asked = urllib.request.Request(
        f"{house.url}/channels/phone/{house.keys['phone']}/",
        data=raw,
        headers={**signed, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return str(json.load(answer)["status"])


class Browser:
    """The customer's own browser."""

    def __init__(self, page: Page, house: House) -> None:
        self.page, self.house = page, house

    def write(self, subject: str, text: str, file: FilePayload) -> None:
        """Fill in the form, told honestly when a person will answer, before and after."""
        page = self.page
        page.goto(f"{self.house.url}/")
        page.get_by_role("link", name="Write to us").first.click()
        expect(page.get_by_role("heading", name="Write to us, a person will answer")).to_be_visible()
        expect(page.locator(".lead")).to_contain_text(
            "a person will answer you. We will let you know if this changes."
        )
        page.get_by_label("Your email address").fill(ADDRESS)
        page.get_by_label("Subject").fill(subject)
        page.get_by_label("What happened?").fill(text)
        page.get_by_label("Photos or documents").set_input_files([file])
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("heading", name="Thank you, we have your message")).to_be_visible()
        expect(page.locator(".lead")).to_contain_text("a person will answer you.")

    def follow(self, path: str) -> Page:
        """Open the link of a mail."""
        self.page.goto(self.house.url + path)
        return self.page

    def answer_survey(self, path: str, score: int, comment: str) -> None:
        self.page.goto(f"{self.house.url}{path}?score={score}")
        self.page.get_by_label("What made it easy or hard?").fill(comment)
        self.page.get_by_role("button", name="Send").click()
        expect(self.page.get_by_text("Thank you, we have your answer.")).to_be_visible()


class Chat:
    """The widget on a shop's page."""

    def __init__(self, page: Page, shop: str) -> None:
        self.page = page
        page.goto(shop)
        page.get_by_role("button", name="Chat with us").click()

    def introduce(self) -> None:
        if not self.page.get_by_label("Your email address").is_visible():
            self.page.locator("summary").click()
        self.page.get_by_label("Your name").fill(NAME)
        self.page.get_by_label("Your email address").fill(ADDRESS)
        self.page.get_by_role("button", name="Save my address").click()

    def say(self, text: str) -> None:
        self.page.get_by_label("Your message").fill(text)
        self.page.get_by_label("Your message").press("Enter")

    def shows(self, *texts: str) -> None:
        """See exactly these lines, in this order, all of them stored."""
        expect(self.page.get_by_role("log").locator(".text")).to_have_text(list(texts))
        expect(self.page.get_by_role("log")).not_to_contain_text("sending")

    def end(self) -> None:
        self.page.get_by_role("button", name="End the chat").click()

"""What an agent does at the desk, in a real browser; the page is never loaded again between two steps."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.make import PASSWORD


class Agent:
    """Somebody who answers, with their desk open."""

    def __init__(self, page: Page, house: str, name: str) -> None:
        self.page, self.name = page, name
        page.goto(f"{house}/accounts/login/")
        page.get_by_label("Email").fill(f"{name}@demo.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")

    def sit_down(self) -> Agent:
        """Be shown the desk after signing in."""
        self.page.wait_for_url("**/admin/desk/")
        expect(self.page.locator("#live")).to_have_attribute("data-state", "open")
        self.page.evaluate("window.never_left = true")
        return self

    def be(self, status: str) -> None:
        """Choose a status in the header."""
        self.page.locator("#presence summary").click()
        self.page.locator("#presence").get_by_role("button", name=re.compile(f"^{status}")).click()
        expect(self.page.locator("#presence .presence__state")).to_have_text(re.compile(status))

    def sees_new(self, count: int) -> None:
        """See in the title how much is new, without having touched anything."""
        expect(self.page).to_have_title(re.compile(rf"^\({count}\) " if count else r"^[^(]"))
        assert self.page.evaluate("window.never_left") is True, "the page was loaded anew"

    def row(self, words: str) -> Locator:
        return self.page.locator(".work-row", has_text=words)

    def accept(self, words: str) -> None:
        """Accept what is offered."""
        offer = self.page.locator("#offers .offer", has_text=words)
        offer.get_by_role("button", name="Accept").click()
        expect(self.thread).to_contain_text(words)

    def open(self, words: str) -> int:
        """Open a ticket from the list and return its number."""
        self.row(words).click()
        expect(self.page.locator("#head")).to_contain_text(words)
        return int(self.page.locator("#talk").get_attribute("data-number") or 0)

    @property
    def thread(self) -> Locator:
        return self.page.locator("#thread")

    @property
    def card(self) -> Locator:
        return self.page.locator("#card")

    def reasons(self) -> str:
        """Read why the ticket is with whom it is with."""
        self.page.locator("#why").get_by_role("button", name="Why this agent?").click()
        dialog = self.page.locator("dialog#reasons")
        expect(dialog).to_contain_text("chosen")
        told = dialog.inner_text()
        dialog.get_by_role("button", name="Close").click()
        return told

    def note(self, text: str) -> None:
        self.page.get_by_role("tab", name="Note").click()
        self.page.get_by_label("Note for colleagues").fill(text)
        self.page.get_by_role("button", name="Add note").click()
        expect(self.page.locator(".message--note", has_text=text)).to_be_visible()

    def reply(self, text: str, *, then: str = "Send", file: FilePayload | None = None) -> None:
        """Write, attach, send by the button of that name, which may stand in the menu beside the others."""
        self.page.get_by_role("tab", name=re.compile("^Reply")).click()
        self.page.get_by_label("Your reply").fill(text)
        if file:
            self.page.locator("#attach-reply").set_input_files([file])
            expect(self.page.locator("#files-reply")).to_contain_text(file["name"])
        button = self.page.get_by_role("button", name=then, exact=True)
        if not button.is_visible():
            self.page.get_by_label("More sending options").click()
        button.click()
        expect(self.page.locator(".message--mine", has_text=text)).to_be_visible()

    def hand_over(self, to: str, summary: str) -> None:
        self.page.get_by_role("button", name="Hand over").click()
        dialog = self.page.locator("dialog#handover")
        option = dialog.locator("option", has_text=to)
        dialog.get_by_label("To").select_option(value=option.get_attribute("value"))
        dialog.get_by_label("What the next person should know").fill(summary)
        dialog.get_by_role("button", name="Hand over").click()
        expect(dialog).to_be_hidden()
        expect(self.page.locator("#assignment")).to_contain_text(to)

    def add_to_card(self, value: str) -> None:
        self.card.get_by_text("Add an address or a number").click()
        self.card.get_by_label("Mail address or phone number").fill(value)
        self.card.get_by_role("button", name="Add", exact=True).click()
        expect(self.card.locator("dl.facts")).to_contain_text("Phone")

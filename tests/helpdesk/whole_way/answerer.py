"""An agent at the desk without a screen: answers everybody once, and looks before sending again."""

from __future__ import annotations

import contextlib
import re
import threading

from tests.helpdesk.whole_way.house import House
from tests.helpdesk.whole_way.writers import CSRF, Unlucky, Web, until_it_works
from tests.make import PASSWORD

NUMBER = re.compile(r'data-number="(\d+)"')
SEEN = re.compile(r'name="seen_seq" value="(\d+)"')
HEADER = re.compile(r'"X-CSRFToken": "(\w+)"')
NO_ADDRESS = "There is no mail address for this customer yet."  # who only called is called back
OFFER = re.compile(r'data-offer="(\d+)"')


class Answerer:
    """Answers each ticket once, however often a sending is cut."""

    def __init__(self, house: House, name: str) -> None:
        self.web, self.name = Web(house, 250), name
        self.answered: set[int] = set()
        self._token = ""

    def sign_in(self) -> None:
        page = self.web.get("/accounts/login/")
        csrf = CSRF.search(page)
        assert csrf
        fields = {"csrfmiddlewaretoken": csrf[1], "login": f"{self.name}@demo.example", "password": PASSWORD}
        self.web.post("/accounts/login/", fields)
        self._post("/routing/presence/", status="available")

    def work(self, enough: threading.Event) -> None:
        """Accept offers and answer what waits until told that it is enough."""
        while not enough.wait(0.3):
            with contextlib.suppress(OSError):
                self.go_through()

    def go_through(self) -> None:
        """Answer everybody in the lists who has no answer yet."""
        self._post("/routing/heartbeat/")
        for offer in OFFER.findall(self.web.get("/routing/offers/")):
            self._post(f"/routing/offers/{offer}/acceptance/")
        for number in self.numbers():
            if number not in self.answered:
                self.answer(number)

    def numbers(self) -> list[int]:
        found = [NUMBER.findall(self.web.get(f"/admin/desk/list/{slug}/")) for slug in ("mine", "unassigned")]
        return [int(number) for page in found for number in page]

    def answer(self, number: int) -> None:
        """Send the answer; after a cut line look whether it has arrived before sending it again."""
        text = f"Answer to {number}"

        def attempt() -> None:
            page = self.web.get(f"/admin/desk/{number}/")
            if text in page.partition('id="composer"')[0] or NO_ADDRESS in page:
                return
            seen = SEEN.search(page)
            assert seen, page
            status = self._post(
                f"/admin/desk/{number}/send/", kind="reply", text=text, seen_seq=seen[1], then="pending"
            )
            if status != 204:  # something newer was said: look again
                raise Unlucky(status)

        until_it_works(attempt, text)
        self.answered.add(number)

    def _post(self, path: str, **fields: str) -> int:
        if not self._token:
            found = HEADER.search(self.web.get("/admin/desk/"))
            assert found
            self._token = found[1]
        return self.web.post(path, fields, **{"X-CSRFToken": self._token, "HX-Request": "true"})[0]

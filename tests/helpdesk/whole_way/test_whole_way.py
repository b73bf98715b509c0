"""One story from the first word to the numbers, in a real browser, told of both ways to run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.helpdesk.whole_way.house import House, open_house
from tests.helpdesk.whole_way.story import PATIENCE, told


@pytest.fixture(params=["up", "stack"])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with open_house(request.param) as opened:
        yield opened


def test_a_request_goes_the_whole_way(house: House, browser: Browser):
    expect.set_options(timeout=PATIENCE)
    with told(house, browser) as story:
        story.dana_chats_through_a_line_that_breaks()
        story.dana_writes_by_form_and_alice_sees_it_without_reloading()
        story.dana_writes_by_mail_and_calls()
        story.alice_says_who_typed_the_address()
        story.alice_reads_why_then_notes_and_answers_with_a_file()
        story.dana_answers_the_mail()
        story.alice_hands_over_to_bob_who_solves_it()
        story.dana_says_on_her_page_that_it_is_not_solved()
        story.dana_says_how_easy_it_was()
        story.carol_reads_the_numbers()
        story.carol_sees_the_queue_live()

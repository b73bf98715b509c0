"""What of a path, a text and an exception may stand in a log."""

import pytest

from helpdesk.logs.masking import loggable_exception, loggable_path, loggable_request, loggable_text
from tickets.errors import NotFound


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/r/canary/", "/r/…/"),
        ("/r/canary", "/r/…"),
        ("/r/canary/more/", "/r/…/…/"),
        ("/admin/desk/12/", "/admin/desk/12/"),
        ("/admin/desk/12/?q=canary#canary", "/admin/desk/12/"),
        ("/s/off/canary/canary/", "/s/off/…/…/"),
        ("/routing/calendar/canary.ics", "/routing/calendar/…"),
        ("/accounts/password/reset/key/a-canary/", "/accounts/password/reset/key/…/"),
        ("/ws/chat/canary/", "/ws/chat/…/"),
        ("/%63anary", "/…"),
        ("//canary", "//…"),
        ("/r/two words\ncanary/", "/r/…/"),
        ("/1234567890/", "/…/"),
        ("/" + "r/" * 50, "/r/r/r/r/r/r/r/…"),
        ("canary", "…"),
        ("", ""),
    ],
)
def test_of_a_path_our_own_words_and_short_numbers_are_shown(path, shown):
    assert loggable_path(path) == shown


def test_an_odd_method_is_not_shown():
    assert loggable_request("CANARY", "/r/canary/") == "… /r/…/"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Not Found: /r/canary/", "Not Found: /r/…/"),
        (
            "Referer failed - https://x.example/r/canary?a=canary is",
            "Referer failed - https://x.example/r/… is",
        ),
        (
            '127.0.0.1 - "WebSocket /ws/chat/canary/?key=canary" [accepted]',
            '127.0.0.1 - "WebSocket /ws/chat/…/" [accepted]',
        ),
        ("key=canary token: canary, mac canary1234567", "key=… token: … mac …"),
        ("key='canary' {'token': 'canary'}", "key=… {'token': …}"),
        ("writes to dana@petit.example", "writes to …"),
        ("a 7jk2mq3nxw5rt6yu4p2a b", "a … b"),
        ("request_finished_by_somebody", "request_finished_by_somebody"),
        ("IMAPClientAbortErrorOfSomebody", "IMAPClientAbortErrorOfSomebody"),
        ("sweep waits for the database", "sweep waits for the database"),
    ],
)
def test_of_a_text_paths_addresses_and_tokens_are_hidden(text, shown):
    assert loggable_text(text) == shown


def test_of_an_exception_its_kind_and_place_are_shown():
    try:
        try:
            raise OSError(5, "canary")
        except OSError as error:
            raise NotFound("canary") from error
    except NotFound as error:
        shown = loggable_exception(error)
    assert "canary" not in shown
    assert "tickets.errors.NotFound" in shown
    assert "builtins.OSError (errno 5)" in shown
    assert "test_masking.py:" in shown

"""Outgoing connections: only to checked addresses, within one budget of time and bytes."""

import socket
import threading
import time

import pytest

from tests.plugins import hostile
from tickets.platform import safe_http
from tickets.platform.safe_http import Budget, NotEncrypted, PrivateAddress

SECONDS = 0.5


@pytest.fixture
def names(monkeypatch):
    """Set the addresses of names; each list is the answer to one look-up, the last one is repeated."""
    known: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        if host not in known:
            return real(host, port, *args, **kwargs)
        answers = known[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [info for address in found for info in real(address, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.fixture
def opened(monkeypatch):
    """Replace connect(); return the list of the addresses to which it was called."""
    addresses = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, where: addresses.append(where[0]))
    return addresses


def connect(host, **more):
    return safe_http.connect(host, 443, budget=Budget(5), **more)


def test_of_a_name_with_a_public_and_a_private_address_the_public_one_is_used(names, opened):
    names["both.example"] = [["10.0.0.1", "93.184.216.34", "::1"]]
    connect("both.example").close()
    assert opened == ["93.184.216.34"]


def test_the_checked_address_is_used_though_the_name_has_moved(names, opened):
    names["moves.example"] = [["93.184.216.34"], ["127.0.0.1"]]
    connect("moves.example").close()
    assert opened == ["93.184.216.34"]


@pytest.mark.parametrize(
    "host",
    ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "localhost.", "::1", "::127.0.0.1",
     "fe80::1%lo", "①②⑦.0.0.1", "", "0"],
)  # fmt: skip
def test_no_way_of_writing_it_leads_to_this_machine(host, opened, settings):
    settings.PRIVATE_SERVERS = []
    with pytest.raises(OSError):  # noqa: PT011  (private, or no name at all)
        connect(host)
    assert opened == []


@pytest.mark.parametrize("host", [".", "a..b", "x" * 300, "a\0b", "[::1]", "exa mple", "\ud800"])
def test_what_is_no_name_is_told_as_one_that_does_not_exist(host):
    with pytest.raises(OSError):  # noqa: PT011
        connect(host)


def test_a_secret_in_clear_goes_to_no_name_that_has_a_public_address(names, opened, settings):
    settings.PRIVATE_SERVERS = ["10.0.0.0/8"]
    names["mail.example"] = [["10.0.0.1", "93.184.216.34"]]
    with pytest.raises(NotEncrypted):
        connect("mail.example", secret_in_clear=True)
    names["mail.office"] = [["10.0.0.1"], ["93.184.216.34"]]
    connect("mail.office", secret_in_clear=True).close()
    assert opened == ["10.0.0.1"]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "https://user@mail.example/", "file:///etc/passwd", "//x/", "https://[::1/", "x"],
)
def test_odd_addresses_are_not_posted_to(url, settings):
    settings.PRIVATE_SERVERS = []
    with pytest.raises(OSError):  # noqa: PT011
        safe_http.post_form(url, {})


@pytest.mark.parametrize("script", hostile.EVERY, ids=lambda script: script.__name__)
def test_whatever_a_server_does_a_form_is_answered_in_time(script, settings):
    settings.PRIVATE_SERVERS = ["127.0.0.0/8"]
    with hostile.server(script) as port:
        started = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011
            safe_http.post_form(f"http://127.0.0.1:{port}/", {"a": "b"}, timeout=SECONDS)
    assert time.monotonic() - started < SECONDS + 1


def test_a_deeply_nested_answer_is_refused_in_words(settings):
    settings.PRIVATE_SERVERS = ["127.0.0.0/8"]
    nested = b"[" * 100_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(nested)
    with hostile.server(lambda: [head + nested]) as port, pytest.raises(OSError, match="cannot be read"):
        safe_http.post_form(f"http://127.0.0.1:{port}/", {}, timeout=5)


def test_a_tls_handshake_that_drips_ends_with_the_budget(settings):
    settings.PRIVATE_SERVERS = ["127.0.0.0/8"]
    record = b"\x16\x03\x03\x3f\xff" + b"\x02" * 10_000
    with hostile.server(lambda: hostile.dripping(record)) as port:
        started = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011
            safe_http.post_form(f"https://localhost:{port}/", {}, timeout=SECONDS)
    assert time.monotonic() - started < SECONDS + 1


def test_a_name_server_that_hangs_is_not_waited_for(monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: answered.wait(20) or [])
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        safe_http.connect("slow.example", 443, budget=Budget(SECONDS))
    answered.set()
    assert time.monotonic() - started < SECONDS + 1


def test_one_silent_address_leaves_time_for_the_next(names, monkeypatch):
    tried = []

    def dial(self, where):
        tried.append((where[0], self.gettimeout()))
        if where[0] == "93.184.216.34":
            raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", dial)
    names["two.example"] = [["93.184.216.34", "93.184.216.35"]]
    connect("two.example").close()
    assert [address for address, _seconds in tried] == ["93.184.216.34", "93.184.216.35"]
    assert tried[0][1] <= 2.5


def test_a_private_address_is_said_to_be_private(settings):
    settings.PRIVATE_SERVERS = []
    with pytest.raises(PrivateAddress):
        connect("127.0.0.1")

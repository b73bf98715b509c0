"""Pictures from elsewhere: only when asked for, only through us, never from a private address."""

import gzip
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from django.urls import reverse

from tests.mails import mail
from tests.plugins import hostile
from tickets.channels.email.inbound import mailroom
from tickets.channels.email.outbound import pictures
from tickets.channels.email.outbound.pictures import (
    NoPicture,
    TooManyPictures,
    check_query,
    fetch_picture,
    proxy_images,
    sign_query,
)
from tickets.clock import database_now
from tickets.intake import receive

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
ANSWERS = {
    "/a.png": (200, PNG, {}),
    "/page": (200, b"<html>", {"Content-Type": "image/png"}),
    "/large": (200, PNG + b"\0" * pictures.MAX_BYTES, {}),
    "/missing": (404, b"", {}),
    "/around": (302, b"", {"Location": "/around"}),
    "/over": (302, b"", {"Location": "/a.png"}),
    "/file": (302, b"", {"Location": "file:///etc/passwd"}),
}


@pytest.fixture
def elsewhere():
    """Run a server of pictures on this machine; give its address and the paths that were asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, body, headers = ANSWERS[self.path]
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def anywhere(address):
    return True


@pytest.mark.parametrize("path", ["/a.png", "/over"])
def test_a_picture_is_fetched(elsewhere, path):
    assert fetch_picture(elsewhere[0] + path, is_allowed=anywhere) == pictures.Picture("image/png", PNG)


@pytest.mark.parametrize("path", ["/page", "/large", "/missing", "/around", "/file"])
def test_what_is_no_small_picture_is_not(elsewhere, path):
    with pytest.raises(NoPicture):
        fetch_picture(elsewhere[0] + path, is_allowed=anywhere)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0.0.0.0"]
)
def test_this_machine_is_never_asked(elsewhere, host, settings):
    settings.PRIVATE_SERVERS = ["127.0.0.0/8", "localhost", "::1"]  # allowed to mailboxes, not to pictures
    address, asked = elsewhere
    for port in (address.rpartition(":")[2], "80"):
        with pytest.raises(NoPicture):
            fetch_picture(f"http://{host}:{port}/a.png")
    assert asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://192.168.1.1/a.png",
        "http://[fd00::1]/",
        "ftp://example.com/a.png",
        "file:///etc/passwd",
        "http://user@8.8.8.8/",
        "//x/y",
    ],
)
def test_private_networks_and_other_schemes_are_never_asked(url):
    with pytest.raises(NoPicture):
        fetch_picture(url)


def test_a_redirect_into_a_private_network_is_refused(elsewhere):
    def only_first(address, seen=[]):  # noqa: B006  (what was asked before)
        seen.append(address)
        return len(seen) == 1

    with pytest.raises(NoPicture):
        fetch_picture(elsewhere[0] + "/over", is_allowed=only_first)
    assert elsewhere[1] == ["/over"]


def test_the_query_is_signed_and_ends(now):
    given = {
        name: values[0] for name, values in parse_qs(sign_query("https://x.example/a.png", now=now)).items()
    }
    assert check_query(**given, now=now) == "https://x.example/a.png"
    for wrong in ({"url": "https://y.example/"}, {"mac": "x"}, {"until": "9999999999"}):
        with pytest.raises(NoPicture):
            check_query(**{**given, **wrong}, now=now)
    with pytest.raises(NoPicture):
        check_query(**given, now=now + timedelta(hours=2))


def test_pictures_of_the_mail_itself_stay_as_they_are(now):
    html = '<img src="cid:a"><img src="https://x.example/a.png?b=1&amp;c=2">'
    changed = proxy_images(html, "/p/", now=now)
    assert 'src="cid:a"' in changed
    assert "url=https%3A%2F%2Fx.example%2Fa.png%3Fb%3D1%26c%3D2" in changed


def test_a_query_made_for_one_person_is_no_other_s(now):
    made = sign_query("https://x.example/a.png", asked_by="7", now=now)
    given = {name: values[0] for name, values in parse_qs(made).items()}
    assert check_query(**given, now=now)
    for by in ("8", "", "7|https:", "x"):
        with pytest.raises(NoPicture):
            check_query(**{**given, "by": by}, now=now)


def test_pictures_beyond_the_hundredth_are_left_out(now):
    html = '<img src="https://x.example/a.png">' * 120
    changed = proxy_images(html, "/p/", now=now)
    assert (changed.count("/p/?"), changed.count("x.example/a.png")) == (100, 0)
    assert changed.count('src=""') == 20


@pytest.fixture
def brief(monkeypatch):
    """Let a picture take half a second at most, and the wait for a place a tenth."""
    monkeypatch.setattr(pictures, "SECONDS", 0.5)
    monkeypatch.setattr(pictures, "WAIT_SECONDS", 0.1)


@pytest.mark.parametrize("script", hostile.EVERY, ids=lambda script: script.__name__)
def test_whatever_a_server_does_its_picture_ends_in_time(script, brief):
    with hostile.server(script) as port:
        started = time.monotonic()
        with pytest.raises(NoPicture):
            fetch_picture(f"http://127.0.0.1:{port}/", is_allowed=anywhere)
    assert time.monotonic() - started < 1.5


def test_redirects_share_the_time_of_one_picture(brief):
    def onwards():
        yield from hostile.dripping(
            b"HTTP/1.1 302 x\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", pause=0.006
        )

    with hostile.server(onwards) as port:
        started = time.monotonic()
        with pytest.raises(NoPicture):
            fetch_picture(f"http://127.0.0.1:{port}/", is_allowed=anywhere)
    assert time.monotonic() - started < 1.5


def test_a_small_answer_that_would_unpack_to_much_is_not_unpacked():
    bomb = gzip.compress(PNG + b"\0" * 50_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with hostile.server(lambda: [head + bomb]) as port, pytest.raises(NoPicture):
        fetch_picture(f"http://127.0.0.1:{port}/", is_allowed=anywhere)


def test_many_slow_pictures_take_few_threads_and_the_others_are_refused_at_once(brief):
    def ask(number):
        started = time.monotonic()
        try:
            fetch_picture(address, asked_by=str(number % 3), is_allowed=anywhere)
        except TooManyPictures:
            return "refused", time.monotonic() - started
        except NoPicture:
            return "fetched", time.monotonic() - started

    with hostile.server(hostile.drip_headers) as port, ThreadPoolExecutor(40) as many:
        address = f"http://127.0.0.1:{port}/"
        ended = list(many.map(ask, range(40)))
    assert sum(how == "fetched" for how, _seconds in ended) == pictures.AT_ONCE
    assert max(seconds for how, seconds in ended if how == "refused") < 0.4


def test_one_person_s_slow_pictures_leave_a_place_for_another_s(elsewhere, brief):
    with hostile.server(hostile.silence) as port, ThreadPoolExecutor(10) as many:
        slow = [
            many.submit(fetch_picture, f"http://127.0.0.1:{port}/", asked_by="1", is_allowed=anywhere)
            for _each in range(10)
        ]
        time.sleep(0.05)
        assert fetch_picture(elsewhere[0] + "/a.png", asked_by="2", is_allowed=anywhere).data == PNG
    assert all(one.exception() for one in slow)


def test_the_place_of_a_picture_is_free_again_afterwards(elsewhere):
    for _each in range(pictures.AT_ONCE * 2):
        fetch_picture(elsewhere[0] + "/a.png", asked_by="1", is_allowed=anywhere)
    assert not pictures._places._taken


def test_a_picture_refused_for_want_of_a_place_may_be_asked_for_again(client, db, monkeypatch):
    def full(*_args, **_more):
        raise TooManyPictures

    monkeypatch.setattr(pictures, "fetch_picture", full)
    asked = sign_query("https://x.example/a.png", asked_by="1", now=database_now())
    answer = client.get(f"{reverse('desk:picture')}?{asked}")
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "5", "no-store")


@pytest.fixture
def ticket(cast, now):
    raw = mail("dana@petit.example", "<p>Hi<img src='https://x.example/a.png' alt='A'></p>").replace(
        b"text/plain", b"text/html"
    )
    row, _ = mailroom.accept(raw, recipients=["support@demo.example"], now=now)
    return receive.process(row.pk, now=now).ticket


def test_nothing_is_loaded_until_somebody_asks(ticket, client, cast):
    client.force_login(cast.alice)
    page = client.get(reverse("desk:ticket", args=[ticket.pk])).content.decode()
    assert "1 remote image was not loaded" in page
    frame = reverse("desk:formatted", args=[ticket.pk, 1])
    before, after = client.get(frame), client.get(frame + "?pictures")
    assert "x.example" not in before.content.decode()
    assert reverse("desk:picture") in after.content.decode()
    assert "https://x.example" not in after.content.decode()
    assert "img-src data: http://testserver" in after["Content-Security-Policy"]


def test_the_door_for_pictures_opens_for_no_other_address(client, db):
    assert (
        client.get(
            reverse("desk:picture"), {"url": "https://x.example/", "mac": "x", "until": "1"}
        ).status_code
        == 404
    )

"""What strangers may make the SMTP listener hold: mails of odd shapes, endless lines, many connections."""

import resource
import select
import smtplib
import socket
import time
import tracemalloc

import pytest

from tests.mails import mail
from tests.plugins.servers import free_port
from tickets.channels.email import bounded_smtp
from tickets.channels.email.inbound.listener import Listener, LmtpListener
from tickets.models import Inbound

MB = 1024 * 1024


@pytest.fixture
def listener(transactional_db, settings):
    """Give a running listener for mails of 4 MB."""
    from tests.cast import assemble

    assemble()
    settings.MAIL_MAX_BYTES = 4 * MB
    listener = Listener(hostname="127.0.0.1", port=free_port())
    listener.start()
    yield listener
    listener.stop()


class Peer:
    """A client that says what it likes."""

    def __init__(self, listener):
        self.socket = socket.create_connection(("127.0.0.1", listener.port), timeout=20)
        self.file = self.socket.makefile("rb")
        self.file.readline()

    def say(self, line):
        self.socket.sendall(line + b"\r\n")
        while (answer := self.file.readline())[3:4] == b"-":
            pass
        return answer

    def begin(self, hello=b"EHLO x"):
        """Go as far as DATA."""
        for line in (hello, b"MAIL FROM:<dana@petit.example>", b"RCPT TO:<support@demo.example>"):
            assert self.say(line).startswith(b"250"), line
        assert self.say(b"DATA").startswith(b"354")

    def send(self, data):
        self.socket.sendall(data)
        return self.file.readline()


def held(job):
    """Return how many bytes Python held at most while `job` ran."""
    tracemalloc.start()
    try:
        job()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_mail_of_empty_lines_costs_what_any_mail_of_its_size_costs(listener):
    peer = Peer(listener)
    peer.begin()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    answers = []
    peak = held(lambda: answers.append(peer.send(b"\r\n" * (3 * MB // 2) + b".\r\n")))
    assert answers[0].startswith(b"250")
    assert peak < 30 * MB, "each line is an object of its own"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 1.5


def test_a_line_without_end_is_not_kept_and_not_waited_for(listener):
    peer = Peer(listener)
    peer.begin()

    def pour():
        for _ in range(200):
            try:
                peer.socket.sendall(b"a" * MB)
            except OSError:
                return
        pytest.fail("200 MB were taken")

    assert held(pour) < 30 * MB
    assert Peer(listener).say(b"NOOP").startswith(b"250")


def test_a_mail_that_is_a_little_too_large_is_552_and_the_session_goes_on(listener):
    peer = Peer(listener)
    peer.begin()
    assert peer.send(b"a" * 5 * MB + b"\r\n.\r\n").startswith(b"552")
    peer.begin(hello=b"RSET")
    assert peer.send(mail("dana@petit.example", "Small") + b"\r\n.\r\n").startswith(b"250")


def test_a_mail_of_just_the_largest_size_is_taken(listener):
    peer = Peer(listener)
    peer.begin()
    assert peer.send(b"a" * (4 * MB - 2) + b"\r\n.\r\n").startswith(b"250")


def test_dots_long_lines_and_every_byte_arrive_as_they_were(listener):
    raw = mail("dana@petit.example", "Dots").rstrip(b"\r\n") + b"\r\n.\r\n..\r\n.a\r\n" + b"b" * 5000
    raw += b"\r\n\xff\x00\n.\n\r.\r\n"
    with smtplib.SMTP("127.0.0.1", listener.port, timeout=10) as client:
        client.ehlo()
        client.mail("dana@petit.example")
        client.rcpt("support@demo.example")
        client.docmd("DATA")
        client.send(raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        assert client.getreply()[0] == 250
    assert bytes(Inbound.objects.get().raw.data) == raw


def test_an_empty_mail_and_the_commands_sent_with_its_end(listener):
    peer = Peer(listener)
    peer.begin()
    peer.socket.sendall(b".\r\nNOOP\r\nQUIT\r\n")
    answers = peer.file.read().split(b"\r\n")
    assert [answer[:3] for answer in answers] == [b"250", b"250", b"221", b""]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_the_end_is_found_however_it_is_cut(listener, size):
    peer = Peer(listener)
    peer.begin()
    sent = mail("dana@petit.example", "Cut") + b"\r\n.\r\n"
    peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for place in range(0, len(sent), size):
        peer.socket.sendall(sent[place : place + size])
        if len(sent) - place < 12:
            time.sleep(0.005)
    assert peer.file.readline().startswith(b"250")


def test_all_connections_together_hold_a_bounded_number_of_bytes(listener):
    """The largest goes, so that many that each hold much keep nobody else's mail out."""
    listener.pool.max_bytes = 6 * MB
    greedy = [Peer(listener) for _ in range(5)]
    for peer in greedy:
        peer.begin()
        peer.socket.sendall(b"a" * 3 * MB)
    deadline = time.monotonic() + 5
    while (
        sum(listener.pool.sizes.values()) > 6 * MB
        or not select.select([p.socket for p in greedy], [], [], 0)[0]
    ):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    ended = [peer for peer in greedy if select.select([peer.socket], [], [], 0.5)[0]]
    assert len(ended) >= 3
    modest = Peer(listener)
    modest.begin()
    assert modest.send(mail("dana@petit.example", "Hello") + b"\r\n.\r\n").startswith(b"250")


def test_the_oldest_connection_makes_room(listener, monkeypatch):
    monkeypatch.setattr(bounded_smtp, "MAX_CONNECTIONS", 10)
    peers = [Peer(listener) for _ in range(11)]
    assert peers[0].file.readline().startswith(b"421")
    assert peers[10].say(b"NOOP").startswith(b"250")
    assert len(listener.pool.sizes) == 10


def test_nothing_is_counted_for_connections_that_have_ended(listener):
    for _ in range(3):
        peer = Peer(listener)
        peer.begin()
        peer.socket.sendall(b"a" * MB)
        peer.file.close()
        peer.socket.close()
    deadline = time.monotonic() + 5
    while listener.pool.sizes and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not listener.pool.sizes


def test_lmtp_has_the_same_bounds(listener):
    lmtp = LmtpListener(hostname="127.0.0.1", port=free_port())
    lmtp.start()
    try:
        peer = Peer(lmtp)
        peer.begin(hello=b"LHLO x")
        assert peer.send(b"a" * 5 * MB + b"\r\n.\r\n").startswith(b"552")
    finally:
        lmtp.stop()

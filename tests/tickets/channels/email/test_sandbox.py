"""Reading in processes that may be killed, with real processes and real mails."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.tickets.channels.email import samples
from tickets.channels.email.parsing import HtmlRefused, parse_email
from tickets.channels.email.reading import sandbox
from tickets.channels.email.reading.sandbox import (
    ParseCrashed,
    ParseTimeout,
    SandboxUnavailable,
    parse_in_sandbox,
    sanitise_in_sandbox,
)

# Takes seconds to read: enough to be caught in the act.
SLOW = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--bb\n" * 8_000_000


@pytest.fixture
def pool(monkeypatch):
    """Return a pool of one process of its own."""
    monkeypatch.setattr(sandbox, "PROCESSES", 1)
    own = sandbox._Pool()
    monkeypatch.setattr(sandbox, "_pool", own)
    yield own
    own.close()


def only_process(pool):
    (process,) = pool.all
    return process.program


@pytest.mark.parametrize("name", samples.names())
def test_mail_from_the_sandbox_is_the_same(name):
    raw = samples.read(name)
    assert parse_in_sandbox(raw) == parse_email(raw)


def test_process_is_kept(pool):
    parse_in_sandbox(b"Subject: one\n\n")
    first = only_process(pool).pid
    parse_in_sandbox(b"Subject: two\n\n")
    assert only_process(pool).pid == first


def test_process_of_a_large_program_is_kept_too(pool):
    ballast = b"x" * (500 * 1024 * 1024)
    parse_in_sandbox(b"Subject: one\n\n")
    assert only_process(pool).poll() is None
    assert ballast


def test_large_attachment_comes_through_whole(pool):
    content = os.urandom(3_000_000)
    raw = b"Content-Type: application/x-any\nContent-Transfer-Encoding: binary\n\n" + content
    assert parse_in_sandbox(raw).attachments[0].content == content


def test_slow_mail_is_stopped_and_the_next_one_read(pool):
    with pytest.raises(ParseTimeout, match=r"longer than 0\.2 seconds"):
        parse_in_sandbox(SLOW, timeout_seconds=0.2)
    assert pool.all == set()
    assert parse_in_sandbox(b"Subject: next\n\n").subject == "next"


def test_mail_that_uses_the_processor_up_is_stopped_long_before_its_time(pool, monkeypatch):
    parse_in_sandbox(b"Subject: one\n\n")
    program = only_process(pool)
    threading.Timer(0.2, os.kill, (program.pid, signal.SIGPROF)).start()  # as its own timer would
    with pytest.raises(ParseTimeout, match="processor"):
        parse_in_sandbox(SLOW)


def test_idle_process_that_was_killed_is_replaced(pool):
    parse_in_sandbox(b"\n")
    killed = only_process(pool)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert parse_in_sandbox(b"Subject: again\n\n").subject == "again"


def test_process_that_ends_while_reading_is_told(pool, monkeypatch):
    monkeypatch.setattr(sandbox, "MEMORY_BYTES", 150 * 1024 * 1024)
    raw = b"Content-Type: text/html\n\n" + "<p>é</p>".encode("utf-16") * 5_000_000
    with pytest.raises(ParseCrashed):
        parse_in_sandbox(raw)


def test_many_threads_share_the_processes():
    mails = [f"Subject: {number}\n\n".encode() for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        subjects = [mail.subject for mail in threads.map(parse_in_sandbox, mails)]
    assert subjects == [str(number) for number in range(200)]


def test_html_is_cleaned_in_the_sandbox():
    assert sanitise_in_sandbox("<b onclick=x()>Hello</b>") == "<b>Hello</b>"
    image = '<img src="https://shop.example/lamp.png">'
    assert sanitise_in_sandbox(image, remote_images=True) == image


def test_refused_html_is_refused_in_the_sandbox():
    with pytest.raises(HtmlRefused, match="nested too deeply"):
        sanitise_in_sandbox("<div>" * 5_000)


def test_child_after_a_fork_has_processes_of_its_own(pool):
    parse_in_sandbox(b"\n")
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if parse_in_sandbox(b"Subject: child\n\n").subject == "child" else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert parse_in_sandbox(b"Subject: parent\n\n").subject == "parent"


def test_processes_end_with_their_owner():
    code = (
        "import os\n"
        "from tickets.channels.email.reading import sandbox\n"
        "sandbox.parse_in_sandbox(b'')\n"
        "os.kill(os.getpid(), 9)"
    )
    # The reading process shares its owner's standard error: only when both are gone does this pipe end.
    owner = subprocess.run(
        [sys.executable, "-c", code], cwd=sandbox.PROJECT, stderr=subprocess.PIPE, check=False, timeout=60
    )
    assert owner.returncode == -signal.SIGKILL


def test_sandbox_knows_nothing_of_django():
    code = "import sys, tickets.channels.email.reading.worker; print('django' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=sandbox.PROJECT, capture_output=True, check=True)
    assert run.stdout.strip() == b"False"


def test_machine_that_starts_no_process_is_no_fault_of_the_mail(pool, monkeypatch):
    monkeypatch.setattr(sandbox, "MEMORY_BYTES", "no number")
    with pytest.raises(SandboxUnavailable):
        parse_in_sandbox(b"\n")

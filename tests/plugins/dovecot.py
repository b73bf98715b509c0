"""A real Dovecot for tests: a private process with its own configuration, ports and folder, also as root."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.plugins.database import skip_or_fail
from tests.plugins.servers import free_port

USER, PASSWORD = "support@demo.example", "lamp-and-ladder"

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain login {mechanisms}
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
mail_location = maildir:{folder}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
mail_fsync = never
maildir_very_dirty_syncs = yes
mailbox_idle_check_interval = 1 sec
mail_max_userip_connections = 100
passdb {{
{passdb}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
protocol imap {{
  imap_idle_notify_interval = 1 min
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service managesieve-login {{
  inet_listener sieve {{
    port = 0
  }}
}}
"""


@dataclass
class Dovecot:
    """A running server; mails are put into its maildirs as files."""

    folder: Path
    port: int
    tls_port: int
    lmtp_port: int
    process: subprocess.Popen[bytes]
    uid: int
    gid: int

    def put(self, *raws: bytes, folder: str = "", user: str = USER, at: float | None = None) -> None:
        """Deliver mails into a folder of a user's maildir; `at` is their time on the server (unix)."""
        place = self.maildir(user, folder)
        for number, raw in enumerate(raws):
            name = f"{time.time_ns()}.M{number}P{os.getpid()}.test"
            path = place / "new" / name
            path.write_bytes(raw)
            if at is not None:
                os.utime(path, (at, at))
        if self.uid != os.geteuid():
            self._own(place)

    def maildir(self, user: str = USER, folder: str = "") -> Path:
        """Return a folder's maildir, made when needed."""
        place = self.folder / "mail" / user / (f".{folder}" if folder else "")
        for part in ("new", "cur", "tmp"):
            (place / part).mkdir(parents=True, exist_ok=True)
        if self.uid != os.geteuid():
            self._own(self.folder / "mail" / user)
        return place

    def renumber(self, user: str = USER, folder: str = "") -> None:
        """Make the server forget its numbers: a new UIDVALIDITY."""
        place = self.folder / "mail" / user / (f".{folder}" if folder else "")
        header, *lines = (place / "dovecot-uidlist").read_text().splitlines()
        words = header.split()
        words[1] = f"V{int(words[1][1:]) + 1000}"
        for path in place.glob("dovecot[.]index*"):
            path.unlink()
        (place / "dovecot-uidlist").write_text("\n".join([" ".join(words), *lines]) + "\n")

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def _own(self, place: Path) -> None:
        for root, folders, files in os.walk(place):
            for name in (root, *(os.path.join(root, n) for n in (*folders, *files))):
                with contextlib.suppress(FileNotFoundError):  # the server's own lock files come and go
                    os.chown(name, self.uid, self.gid)


@contextlib.contextmanager
def running(
    *, mechanisms: str = "", passdb: str = "", certificate: tuple[Path, Path] | None = None
) -> Iterator[Dovecot]:
    """Start a Dovecot and stop it at the end. `passdb` replaces the one password of the tests."""
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        skip_or_fail("Dovecot is not installed (apt install dovecot-imapd dovecot-lmtpd)")
    folder = Path(tempfile.mkdtemp(prefix="tandem-dovecot-"))
    folder.chmod(0o755)
    is_root = os.geteuid() == 0
    me = getpass.getuser()
    uid, gid = _mail_owner() if is_root else (os.geteuid(), os.getegid())
    imap, imaps, lmtp = free_port(), free_port(), free_port()
    files = f"ssl_cert = <{certificate[0]}\nssl_key = <{certificate[1]}" if certificate else ""
    (folder / "dovecot.conf").write_text(
        CONFIGURATION.format(
            folder=folder,
            imap=imap,
            imaps=imaps if certificate else 0,
            lmtp=lmtp,
            ssl="yes" if certificate else "no",
            certificate=files,
            mechanisms=mechanisms,
            internal="dovecot" if is_root else me,
            group="dovecot" if is_root else _group(),
            login="dovenull" if is_root else me,
            uid=uid,
            gid=gid,
            passdb=passdb or f"  driver = static\n  args = password={PASSWORD}",
        )
    )
    for name in ("mail", "home"):
        (folder / name).mkdir()
        os.chown(folder / name, uid, gid)
    (folder / "log").touch(mode=0o666)
    os.chmod(folder / "log", 0o666)
    process = subprocess.Popen(
        [str(program), "-F", "-c", str(folder / "dovecot.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    server = Dovecot(folder, imap, imaps, lmtp, process, uid, gid)
    try:
        _wait_until_it_answers(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def dovecot_process() -> Iterator[Dovecot]:
    """One Dovecot for all tests of a worker."""
    with running() as server:
        yield server


@pytest.fixture
def dovecot(dovecot_process: Dovecot) -> Iterator[Dovecot]:
    """A Dovecot whose mailboxes are empty."""
    yield dovecot_process
    for user in list((dovecot_process.folder / "mail").iterdir()):
        shutil.rmtree(user, ignore_errors=True)


def _mail_owner() -> tuple[int, int]:
    """Return whom the maildirs belong to when root starts the server: mails are never root's."""
    import pwd

    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def _group() -> str:
    import grp

    return grp.getgrgid(os.getegid()).gr_name


def _wait_until_it_answers(server: Dovecot) -> None:
    import socket

    deadline = time.monotonic() + 15
    while True:
        try:
            with socket.create_connection(("127.0.0.1", server.port), 1) as probe:
                probe.settimeout(5)
                if probe.recv(5).startswith(b"* OK"):
                    return
        except OSError:
            pass
        if server.process.poll() is not None:
            pytest.fail(f"Dovecot did not start: {server.process.stderr.read().decode()}")
        assert time.monotonic() < deadline, f"Dovecot did not answer within 15 s: {server.log()}"
        time.sleep(0.05)


def numbered(count: int, mails: Iterable[int] | None = None) -> list[bytes]:
    """Return plain mails, each with its own number and Message-ID."""
    return [
        b"From: Dana Petit <dana%d@petit.example>\r\nTo: support@demo.example\r\n"
        b"Subject: Lamp %d\r\nMessage-ID: <lamp-%d@petit.example>\r\n"
        b"Date: Wed, 18 Nov 2026 10:00:00 +0000\r\n\r\nLamp number %d is broken.\r\n" % (n, n, n, n)
        for n in (mails or range(count))
    ]

"""The process that reads mailboxes: a thread for each, IDLE to hear of new mail, a poll as the net beneath.

Any number of these processes may run; an advisory lock lets one of them read. It may be killed at any moment:
where reading stands is in the rows.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

import psycopg
from django.db import DatabaseError, close_old_connections
from imapclient.exceptions import IMAPClientError

from tickets.channels.email.imap import fetching, looking
from tickets.channels.email.imap.connection import Client, signed_in
from tickets.channels.email.mailboxes.trouble import explain
from tickets.clock import database_now
from tickets.models import Mailbox, MailFolder
from tickets.platform import locks
from tickets.platform.locks import Lock

logger = logging.getLogger(__name__)

POLL_SECONDS = 60.0
SLICE_SECONDS = 2.0
LOOK_AT_ROWS_SECONDS = 5.0
STAND_BY_SECONDS = 2.0
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 300.0


def run_forever(stop: threading.Event, *, alive: Callable[[], None] = lambda: None) -> None:
    """Read all mailboxes, or stand by while another process does, until `stop` is set.

    `alive` is called every few seconds, from this thread.
    """
    while not stop.is_set():
        try:
            with locks.open_own_connection("tandem mail reader") as own:
                _supervise(own, stop, alive)
        except psycopg.OperationalError as error:
            logger.warning("the mail reader waits for the database: %s", str(error).strip())
            stop.wait(STAND_BY_SECONDS)


def read_once(mailbox: Mailbox, *, clock: Callable[[], datetime] = database_now) -> int:
    """Read a mailbox to its end over one connection; return how many mails were dealt with."""
    with signed_in(mailbox, now=clock()) as client:
        return read_folders(client, mailbox, clock=clock)


def read_folders(
    client: Client, mailbox: Mailbox, *, clock: Callable[[], datetime], stop: threading.Event | None = None
) -> int:
    """Read every folder to its end over an open connection; note that it worked.

    Raises the first folder's error after all folders had their turn; a cut connection ends it at once.
    """
    count, failure = 0, None
    for folder in _folders(mailbox):
        try:
            count += _read_folder(client, folder, clock=clock, stop=stop)
        except IMAPClientError as error:
            if isinstance(error, client.AbortError):
                raise
            failure = failure or error
    if failure is not None:
        raise failure
    mailbox.record_success(now=clock())
    return count


def note_failure(mailbox: Mailbox, error: Exception, *, now: datetime) -> None:
    """Write on a mailbox what kept it from being read."""
    trouble = explain(error, mailbox.imap_host)
    mailbox.record_trouble(trouble.code, trouble.detail, now=now)


def _read_folder(
    client: Client, folder: MailFolder, *, clock: Callable[[], datetime], stop: threading.Event | None
) -> int:
    waiting = looking.list_new_mails(client, folder, now=clock())
    count = 0
    while waiting and not (stop and stop.is_set()):
        done = fetching.fetch(client, folder, now=clock())
        count += done
        waiting = waiting - done if done else 0
    while fetching.tidy(client, folder):
        pass
    return count


def _folders(mailbox: Mailbox) -> list[MailFolder]:
    """Return the folders to read; a mailbox for which nobody chose has its inbox."""
    folders = list(mailbox.folders.filter(is_read=True).order_by("pk"))
    if not folders:
        folders = [MailFolder.objects.get_or_create(mailbox=mailbox, name="INBOX")[0]]
    for folder in folders:
        folder.mailbox = mailbox
    return folders


class _Reader(threading.Thread):
    """One mailbox's thread: connected as long as the server lets it, then again, ever more slowly."""

    def __init__(self, mailbox_id: int, process_stops: threading.Event) -> None:
        super().__init__(name=f"mailbox-{mailbox_id}", daemon=True)
        self.mailbox_id = mailbox_id
        self.stop = threading.Event()
        self.process_stops = process_stops

    @property
    def must_end(self) -> bool:
        return self.stop.is_set() or self.process_stops.is_set()

    def run(self) -> None:
        pause = SHORTEST_PAUSE_SECONDS
        while not self.must_end:
            started = time.monotonic()
            try:
                self._stay()
            except Exception as error:  # noqa: BLE001  (whatever it is, it is noted and tried again)
                self._note(error)
            finally:
                close_old_connections()
            if time.monotonic() - started > LONGEST_PAUSE_SECONDS:
                pause = SHORTEST_PAUSE_SECONDS
            self._wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _stay(self) -> None:
        """Read, then listen for news, until the connection ends or somebody says stop."""
        mailbox = Mailbox.objects.fetched_by_us().select_related("channel").filter(pk=self.mailbox_id).first()
        if mailbox is None:
            return
        now = database_now()
        close_old_connections()  # a server that hangs must not hold one of the pool's
        with signed_in(mailbox, now=now) as client:
            while not self.must_end:
                read_folders(client, mailbox, clock=database_now, stop=self.stop)
                close_old_connections()
                self._listen(client)

    def _listen(self, client: Client) -> None:
        """Wait for news of the first folder, a minute at most: the others are looked at then."""
        if not client.has_capability("IDLE"):
            self._wait(POLL_SECONDS)
            client.noop()
            return
        if self._has_news(client):
            return  # it came between the last look and now, so nothing would tell of it
        client.idle()
        deadline = time.monotonic() + POLL_SECONDS
        try:
            while not self.must_end and time.monotonic() < deadline:
                if client.idle_check(timeout=SLICE_SECONDS):
                    break
        finally:
            client.idle_done()

    def _has_news(self, client: Client) -> bool:
        """Open the first folder again, and tell whether a mail has come since it was read."""
        folders = MailFolder.objects.filter(mailbox_id=self.mailbox_id, is_read=True)
        folder = folders.order_by("pk").first()
        close_old_connections()
        if folder is None:
            return True
        answer = client.select_folder(folder.name, readonly=True)
        return int(answer.get(b"UIDNEXT", 0)) > folder.last_uid + 1

    def _note(self, error: Exception) -> None:
        close_old_connections()
        if isinstance(error, (DatabaseError, psycopg.Error)):
            logger.warning("the mail reader lost the database: %s", type(error).__name__)
            return
        try:
            mailbox = Mailbox.objects.filter(pk=self.mailbox_id).first()
            if mailbox is not None:
                note_failure(mailbox, error, now=database_now())
        except DatabaseError:
            pass
        logger.warning("mailbox %s: %s", self.mailbox_id, type(error).__name__)

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.must_end and (left := deadline - time.monotonic()) > 0:
            self.stop.wait(min(left, 0.5))


def _supervise(own: psycopg.Connection, stop: threading.Event, alive: Callable[[], None]) -> None:
    """Keep a thread for each mailbox; a changed one gets a new thread, with its new settings."""
    while not locks.try_session_lock(Lock.MAIL_READER, own):
        _with_the_database(alive)
        if stop.wait(STAND_BY_SECONDS):
            return
    running: dict[tuple[int, datetime | None], _Reader] = {}
    try:
        while not stop.is_set():
            wanted = _with_the_database(_wanted)
            _with_the_database(alive)
            for key in [key for key in running if key not in wanted]:
                running.pop(key).stop.set()
            for key in wanted:
                if key not in running or not running[key].is_alive():
                    running[key] = _Reader(key[0], stop)
                    running[key].start()
            own.execute("SELECT 1")  # proves that the connection, and so the lock, is still ours
            stop.wait(LOOK_AT_ROWS_SECONDS)
    finally:
        for reader in running.values():
            reader.stop.set()
        for reader in running.values():
            reader.join(10)


def _wanted() -> list[tuple[int, datetime | None]]:
    return list(Mailbox.objects.fetched_by_us().order_by("pk").values_list("pk", "changed_at"))


def _with_the_database[Found](question: Callable[[], Found]) -> Found:
    """Call something that uses the database, holding no connection afterwards.

    Raises psycopg.OperationalError when the database is gone.
    """
    close_old_connections()
    try:
        return question()
    except DatabaseError as error:
        raise psycopg.OperationalError(str(error)) from error
    finally:
        close_old_connections()

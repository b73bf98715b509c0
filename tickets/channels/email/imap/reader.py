"""The process that reads mailboxes: one thread for each, with IMAP IDLE for new mail, and polling besides.

Any number of these processes may run; an advisory lock lets only one of them read. It may be killed at any
moment, since the position in each folder is stored in its row.
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

from tickets.channels.email.imap import fetching, listing
from tickets.channels.email.imap.connection import Client, open_imap
from tickets.channels.email.mailboxes.trouble import explain
from tickets.clock import database_now
from tickets.models import Mailbox, MailFolder
from tickets.platform import locks
from tickets.platform.locks import Lock

logger = logging.getLogger(__name__)

POLL_SECONDS = 60.0
IDLE_CHECK_SECONDS = 2.0
RELOAD_SECONDS = 5.0
STAND_BY_SECONDS = 2.0
MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 5.0, 300.0


def read_forever(stop: threading.Event, *, alive: Callable[[], None] = lambda: None) -> None:
    """Read all mailboxes until `stop` is set, or stand by while another process reads them.

    `alive` is called every few seconds from this thread, to report that the process works.
    """
    while not stop.is_set():
        try:
            with locks.open_own_connection("tandem mail reader") as own:
                _supervise(own, stop, alive)
        except psycopg.OperationalError as error:
            logger.warning("the mail reader waits for the database: %s", str(error).strip())
            stop.wait(STAND_BY_SECONDS)


def read_mailbox(mailbox: Mailbox, *, clock: Callable[[], datetime] = database_now) -> int:
    """Read all new mails of a mailbox over one connection; return how many were tried."""
    with open_imap(mailbox, now=clock()) as client:
        return read_folders(client, mailbox, clock=clock)


def read_folders(
    client: Client, mailbox: Mailbox, *, clock: Callable[[], datetime], stop: threading.Event | None = None
) -> int:
    """Read all new mails of every folder over an open connection, and record the success.

    An error in one folder is raised after the others have been read; a lost connection is raised at once.
    """
    count, failure = 0, None
    for folder in _load_folders(mailbox):
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


def record_failure(mailbox: Mailbox, error: Exception, *, now: datetime) -> None:
    """Record on a mailbox why it could not be read."""
    trouble = explain(error, mailbox.imap_host)
    mailbox.record_trouble(trouble.code, trouble.detail, now=now)


def _read_folder(
    client: Client, folder: MailFolder, *, clock: Callable[[], datetime], stop: threading.Event | None
) -> int:
    waiting = listing.list_new_mails(client, folder, now=clock())
    count = 0
    while waiting and not (stop and stop.is_set()):
        fetched = fetching.fetch_next_mails(client, folder, now=clock())
        count += fetched
        waiting = waiting - fetched if fetched else 0
    while fetching.tidy_folder(client, folder):
        pass
    return count


def _load_folders(mailbox: Mailbox) -> list[MailFolder]:
    """Return the folders to read, or the inbox if none was chosen."""
    folders = list(mailbox.folders.filter(is_read=True).order_by("pk"))
    if not folders:
        folders = [MailFolder.objects.get_or_create(mailbox=mailbox, name="INBOX")[0]]
    for folder in folders:
        folder.mailbox = mailbox
    return folders


class _ReaderThread(threading.Thread):
    """One mailbox's thread; after a disconnect it reconnects, with growing pauses while that fails."""

    def __init__(self, mailbox_id: int, process_stops: threading.Event) -> None:
        super().__init__(name=f"mailbox-{mailbox_id}", daemon=True)
        self.mailbox_id = mailbox_id
        self.stop = threading.Event()
        self.process_stops = process_stops

    @property
    def must_end(self) -> bool:
        return self.stop.is_set() or self.process_stops.is_set()

    def run(self) -> None:
        pause = MIN_PAUSE_SECONDS
        while not self.must_end:
            started = time.monotonic()
            try:
                self._read_until_disconnected()
            except Exception as error:  # noqa: BLE001  (no error may end the thread: report and retry)
                self._report_error(error)
            finally:
                close_old_connections()
            if time.monotonic() - started > MAX_PAUSE_SECONDS:
                pause = MIN_PAUSE_SECONDS
            self._wait(pause)
            pause = min(pause * 2, MAX_PAUSE_SECONDS)

    def _read_until_disconnected(self) -> None:
        """Read the mailbox and wait for new mail, in a loop, until the connection or the thread ends."""
        mailbox = Mailbox.objects.fetched_by_us().select_related("channel").filter(pk=self.mailbox_id).first()
        if mailbox is None:
            return
        now = database_now()
        close_old_connections()  # a mail server that hangs must not occupy a database connection of the pool
        with open_imap(mailbox, now=now) as client:
            while not self.must_end:
                read_folders(client, mailbox, clock=database_now, stop=self.stop)
                close_old_connections()
                self._wait_for_new_mail(client)

    def _wait_for_new_mail(self, client: Client) -> None:
        """Wait until the first folder has new mail, at most a minute; then all folders are read."""
        if not client.has_capability("IDLE"):
            self._wait(POLL_SECONDS)
            client.noop()
            return
        if self._has_new_mail(client):
            return  # it came before IDLE begins, so the server would not report it
        client.idle()
        deadline = time.monotonic() + POLL_SECONDS
        try:
            while not self.must_end and time.monotonic() < deadline:
                if client.idle_check(timeout=IDLE_CHECK_SECONDS):
                    break
        finally:
            client.idle_done()

    def _has_new_mail(self, client: Client) -> bool:
        """Select the first folder again, and return whether it has mails that were not listed."""
        folders = MailFolder.objects.filter(mailbox_id=self.mailbox_id, is_read=True)
        folder = folders.order_by("pk").first()
        close_old_connections()
        if folder is None:
            return True
        status = client.select_folder(folder.name, readonly=True)
        return int(status.get(b"UIDNEXT", 0)) > folder.last_uid + 1

    def _report_error(self, error: Exception) -> None:
        close_old_connections()
        if isinstance(error, (DatabaseError, psycopg.Error)):
            logger.warning("the mail reader lost the database: %s", type(error).__name__)
            return
        try:
            mailbox = Mailbox.objects.filter(pk=self.mailbox_id).first()
            if mailbox is not None:
                record_failure(mailbox, error, now=database_now())
        except DatabaseError:
            pass
        logger.warning("mailbox %s: %s", self.mailbox_id, type(error).__name__)

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.must_end and (seconds := deadline - time.monotonic()) > 0:
            self.stop.wait(min(seconds, 0.5))


def _supervise(own: psycopg.Connection, stop: threading.Event, alive: Callable[[], None]) -> None:
    """Run a thread for each mailbox; replace it when the mailbox's settings change.

    `own` is the connection that holds the advisory lock: the lock is lost with it.
    """
    while not locks.try_session_lock(Lock.MAIL_READER, own):
        _call_with_database(alive)
        if stop.wait(STAND_BY_SECONDS):
            return
    running: dict[tuple[int, datetime | None], _ReaderThread] = {}
    try:
        while not stop.is_set():
            wanted = _call_with_database(_load_wanted)
            _call_with_database(alive)
            for key in [key for key in running if key not in wanted]:
                running.pop(key).stop.set()
            for key in wanted:
                if key not in running or not running[key].is_alive():
                    running[key] = _ReaderThread(key[0], stop)
                    running[key].start()
            own.execute("SELECT 1")  # fails if the connection, and with it the lock, is lost
            stop.wait(RELOAD_SECONDS)
    finally:
        for reader in running.values():
            reader.stop.set()
        for reader in running.values():
            reader.join(10)


def _load_wanted() -> list[tuple[int, datetime | None]]:
    return list(Mailbox.objects.fetched_by_us().order_by("pk").values_list("pk", "changed_at"))


def _call_with_database[Result](function: Callable[[], Result]) -> Result:
    """Call a function that uses the database, and close its connections afterwards.

    Raises:
        psycopg.OperationalError: the database cannot be reached.
    """
    close_old_connections()
    try:
        return function()
    except DatabaseError as error:
        raise psycopg.OperationalError(str(error)) from error
    finally:
        close_old_connections()

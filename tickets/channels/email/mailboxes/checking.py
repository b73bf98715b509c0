"""Test a mailbox: sign in, list its folders, send a mail to itself, and wait until it arrives."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from django.utils.translation import gettext as _
from imapclient.exceptions import IMAPClientError

from tickets.channels.email.imap import connection
from tickets.channels.email.imap.connection import Client
from tickets.channels.email.mailboxes.trouble import explain
from tickets.channels.email.outbound import posting
from tickets.models import Mailbox
from tickets.platform import crypto
from tickets.platform.safe_http import Budget

ARRIVES_WITHIN_SECONDS = 25.0
WHOLE_CHECK_SECONDS = 60.0  # for the whole test, since a person and a web process wait for it
MAX_BYTES = 4 * 1024 * 1024
LOOK_EVERY_SECONDS = 0.5
HEADER = "X-Tandem-Mailbox-Test"
ERRORS = (OSError, IMAPClientError, smtplib.SMTPException)


@dataclass(frozen=True)
class Step:
    """One step of a test, whether it succeeded, and a sentence; `folders` are those on the server."""

    name: str
    is_ok: bool
    sentence: str
    folders: tuple[str, ...] = ()


def check_mailbox(mailbox: Mailbox, *, now: datetime, wait: float = ARRIVES_WITHIN_SECONDS) -> list[Step]:
    """Test everything that this mailbox is configured for, and return the steps.

    `wait` is in seconds, for the test mail to arrive. Later steps are skipped if one they need has failed.
    """
    steps: list[Step] = []
    budget = Budget(WHOLE_CHECK_SECONDS, max_bytes=MAX_BYTES)
    if mailbox.imap_host:
        steps += _test_receiving(mailbox, budget, now=now)
    can_read = bool(steps) and all(step.is_ok for step in steps)
    if mailbox.smtp_host and (can_read or not mailbox.imap_host):
        steps += _test_sending(mailbox, budget, now=now, wait=wait, waits_for_arrival=can_read)
    return steps


def is_test_mail(raw: bytes) -> bool:
    """Return whether a raw mail is our own test mail, by its signed header."""
    head = raw[:16_384].partition(b"\r\n\r\n")[0]
    if HEADER.encode() not in head:
        return False
    fields = dict(line.split(b": ", 1) for line in head.splitlines() if b": " in line)
    mac = fields.get(HEADER.encode(), b"").decode("ascii", "replace")
    mail_id = fields.get(b"Message-ID", b"").decode("ascii", "replace")
    return crypto.mac_matches("mailbox-test", mail_id, mac)


def _test_receiving(mailbox: Mailbox, budget: Budget, *, now: datetime) -> Iterator[Step]:
    name = _("Receive: sign in")
    try:
        with connection.open_imap(mailbox, now=now, budget=budget) as client:
            yield Step(name, is_ok=True, sentence=_("%(host)s lets us in.") % {"host": mailbox.imap_host})
            name = _("Receive: folders")
            yield _test_folders(client, mailbox)
    except ERRORS as error:
        yield _describe_failure(name, error, mailbox.imap_host, mailbox.imap_port)


def _test_folders(client: Client, mailbox: Mailbox) -> Step:
    existing = tuple(sorted(str(folder) for _flags, _separator, folder in client.list_folders()))
    wanted = [folder.name for folder in mailbox.folders.filter(is_read=True)] or ["INBOX"]
    if mailbox.afterwards == Mailbox.Afterwards.MOVE:
        wanted.append(mailbox.move_to)
    missing = [name for name in wanted if name not in existing and name.upper() != "INBOX"]
    listed = ", ".join(existing[:30])
    if missing:
        words = {"missing": ", ".join(missing), "there": listed}
        sentence = _("There is no folder %(missing)s. The server has: %(there)s.") % words
        return Step(_("Receive: folders"), is_ok=False, sentence=sentence, folders=existing)
    return Step(_("Receive: folders"), True, _("The server has: %(there)s.") % {"there": listed}, existing)


def _test_sending(
    mailbox: Mailbox, budget: Budget, *, now: datetime, wait: float, waits_for_arrival: bool
) -> Iterator[Step]:
    mail = _build_test_mail(mailbox, now=now)
    try:
        with posting.open_smtp(mailbox, now=now, budget=budget) as client:
            client.send_message(mail, mailbox.address, [mailbox.address])
    except ERRORS as error:
        yield _describe_failure(_("Send: a mail to itself"), error, mailbox.smtp_host, mailbox.smtp_port)
        return
    words = {"host": mailbox.smtp_host}
    yield Step(_("Send: a mail to itself"), True, _("%(host)s took our test mail.") % words)
    if waits_for_arrival:
        yield _wait_for_arrival(mailbox, budget, str(mail["Message-ID"]), now=now, wait=wait)


def _wait_for_arrival(mailbox: Mailbox, budget: Budget, mail_id: str, *, now: datetime, wait: float) -> Step:
    name = _("Both ways: see it arrive")
    started = time.monotonic()
    try:
        with connection.open_imap(mailbox, now=now, budget=budget) as client:
            while time.monotonic() - started < wait:
                client.select_folder("INBOX")
                if uids := client.search(["HEADER", "Message-ID", mail_id]):
                    _remove_test_mail(client, uids)
                    seconds = max(1, round(time.monotonic() - started))
                    return Step(name, True, _("It arrived after %(n)s s.") % {"n": seconds})
                time.sleep(LOOK_EVERY_SECONDS)
    except ERRORS as error:
        return _describe_failure(name, error, mailbox.imap_host, mailbox.imap_port)
    words = {"n": round(wait)}
    sentence = _(
        "The mail was sent, and is not in the inbox after %(n)s s. Do both servers belong to this address? "
        "Is there a filter or a spam folder?"
    )
    return Step(name, is_ok=False, sentence=sentence % words)


def _remove_test_mail(client: Client, uids: list[int]) -> None:
    """Delete our test mail; it stays if the server cannot expunge single mails (UIDPLUS)."""
    if client.has_capability("UIDPLUS"):
        client.delete_messages(uids, silent=True)
        client.uid_expunge(uids)


def _build_test_mail(mailbox: Mailbox, *, now: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = mail["To"] = mailbox.address
    mail["Subject"] = _("Test of this mailbox")
    mail["Message-ID"] = make_msgid(domain=mailbox.address.rpartition("@")[2])
    mail["Date"] = format_datetime(now)
    mail["Auto-Submitted"] = "auto-generated"
    mail[HEADER] = crypto.mac("mailbox-test", str(mail["Message-ID"]))
    mail.set_content(_("Tandem sent this mail to see whether the mailbox works in both directions."))
    return mail


def _describe_failure(name: str, error: BaseException, host: str, port: int) -> Step:
    return Step(name, is_ok=False, sentence=explain(error, host).sentence(host, port))

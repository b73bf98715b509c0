"""Try a mailbox in both directions: sign in, look at its folders, send it a mail and see it arrive."""

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
WHOLE_CHECK_SECONDS = 60.0  # whatever the servers do: a person waits, and a process of ours
MAX_BYTES = 4 * 1024 * 1024
LOOK_EVERY_SECONDS = 0.5
HEADER = "X-Tandem-Mailbox-Test"
ERRORS = (OSError, IMAPClientError, smtplib.SMTPException)


@dataclass(frozen=True)
class Step:
    """One thing that was tried, and how it went, in a sentence."""

    name: str
    is_ok: bool
    sentence: str
    folders: tuple[str, ...] = ()


def check(mailbox: Mailbox, *, now: datetime, wait: float = ARRIVES_WITHIN_SECONDS) -> list[Step]:
    """Try everything this mailbox is set up for, in order; stop at what the rest needs."""
    steps: list[Step] = []
    budget = Budget(WHOLE_CHECK_SECONDS, max_bytes=MAX_BYTES)
    if mailbox.imap_host:
        steps += _incoming(mailbox, budget, now=now)
    can_read = bool(steps) and all(step.is_ok for step in steps)
    if mailbox.smtp_host and (can_read or not mailbox.imap_host):
        steps += _outgoing(mailbox, budget, now=now, wait=wait, sees_it_arrive=can_read)
    return steps


def is_test(raw: bytes) -> bool:
    """Tell whether a raw mail is such a test mail of ours, which is no message of anybody."""
    head = raw[:16_384].partition(b"\r\n\r\n")[0]
    if HEADER.encode() not in head:
        return False
    fields = dict(line.split(b": ", 1) for line in head.splitlines() if b": " in line)
    given = fields.get(HEADER.encode(), b"").decode("ascii", "replace")
    mail_id = fields.get(b"Message-ID", b"").decode("ascii", "replace")
    return crypto.mac_matches("mailbox-test", mail_id, given)


def _incoming(mailbox: Mailbox, budget: Budget, *, now: datetime) -> Iterator[Step]:
    name = _("Receive: sign in")
    try:
        with connection.signed_in(mailbox, now=now, budget=budget) as client:
            yield Step(name, is_ok=True, sentence=_("%(host)s lets us in.") % {"host": mailbox.imap_host})
            name = _("Receive: folders")
            yield _folders(client, mailbox)
    except ERRORS as error:
        yield _failed(name, error, mailbox.imap_host, mailbox.imap_port)


def _folders(client: Client, mailbox: Mailbox) -> Step:
    there = tuple(sorted(str(folder) for _flags, _separator, folder in client.list_folders()))
    wanted = [folder.name for folder in mailbox.folders.filter(is_read=True)] or ["INBOX"]
    if mailbox.afterwards == Mailbox.Afterwards.MOVE:
        wanted.append(mailbox.move_to)
    missing = [name for name in wanted if name not in there and name.upper() != "INBOX"]
    listed = ", ".join(there[:30])
    if missing:
        words = {"missing": ", ".join(missing), "there": listed}
        sentence = _("There is no folder %(missing)s. The server has: %(there)s.") % words
        return Step(_("Receive: folders"), is_ok=False, sentence=sentence, folders=there)
    return Step(_("Receive: folders"), True, _("The server has: %(there)s.") % {"there": listed}, there)


def _outgoing(
    mailbox: Mailbox, budget: Budget, *, now: datetime, wait: float, sees_it_arrive: bool
) -> Iterator[Step]:
    mail = _test_mail(mailbox, now=now)
    try:
        with posting.signed_in(mailbox, now=now, budget=budget) as client:
            client.send_message(mail, mailbox.address, [mailbox.address])
    except ERRORS as error:
        yield _failed(_("Send: a mail to itself"), error, mailbox.smtp_host, mailbox.smtp_port)
        return
    words = {"host": mailbox.smtp_host}
    yield Step(_("Send: a mail to itself"), True, _("%(host)s took our test mail.") % words)
    if sees_it_arrive:
        yield _arrival(mailbox, budget, str(mail["Message-ID"]), now=now, wait=wait)


def _arrival(mailbox: Mailbox, budget: Budget, mail_id: str, *, now: datetime, wait: float) -> Step:
    name = _("Both ways: see it arrive")
    started = time.monotonic()
    try:
        with connection.signed_in(mailbox, now=now, budget=budget) as client:
            while time.monotonic() - started < wait:
                client.select_folder("INBOX")
                if found := client.search(["HEADER", "Message-ID", mail_id]):
                    _remove(client, found)
                    seconds = max(1, round(time.monotonic() - started))
                    return Step(name, True, _("It arrived after %(n)s s.") % {"n": seconds})
                time.sleep(LOOK_EVERY_SECONDS)
    except ERRORS as error:
        return _failed(name, error, mailbox.imap_host, mailbox.imap_port)
    words = {"n": round(wait)}
    sentence = _(
        "The mail was sent, and is not in the inbox after %(n)s s. Do both servers belong to this address? "
        "Is there a filter or a spam folder?"
    )
    return Step(name, is_ok=False, sentence=sentence % words)


def _remove(client: Client, uids: list[int]) -> None:
    """Take our own test mail away again; where the server cannot remove single mails it stays."""
    if client.has_capability("UIDPLUS"):
        client.delete_messages(uids, silent=True)
        client.uid_expunge(uids)


def _test_mail(mailbox: Mailbox, *, now: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = mail["To"] = mailbox.address
    mail["Subject"] = _("Test of this mailbox")
    mail["Message-ID"] = make_msgid(domain=mailbox.address.rpartition("@")[2])
    mail["Date"] = format_datetime(now)
    mail["Auto-Submitted"] = "auto-generated"
    mail[HEADER] = crypto.mac("mailbox-test", str(mail["Message-ID"]))
    mail.set_content(_("Tandem sent this mail to see whether the mailbox works in both directions."))
    return mail


def _failed(name: str, error: BaseException, host: str, port: int) -> Step:
    return Step(name, is_ok=False, sentence=explain(error, host).sentence(host, port))

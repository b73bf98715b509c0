"""See what is new in a folder, and note every mail as a row before any of them is fetched.

Where reading stands is (UIDVALIDITY, last UID). It moves on in the transaction that writes the rows, so no
mail is ever behind it without a row. Neither "unread" nor a date of the mail decides, except on the first
look: what came before the day that the administrator chose is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import batched

from django.db import transaction
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from tickets import events
from tickets.actor import SYSTEM
from tickets.channels.email.imap.connection import Client
from tickets.channels.email.mailboxes.trouble import FolderClosed
from tickets.models import Mailbox, MailFolder, MailSeen

COMPARE_EVERY = timedelta(hours=1)
LISTED_AT_ONCE = 1000


def list_new_mails(client: Client, folder: MailFolder, *, now: datetime, compare: bool = False) -> int:
    """Select a folder and note what is new there; return how many mails are still to be fetched.

    With `compare`, or an hour after the last time, every mail on the server is compared with our rows, so
    that whatever was overlooked for any reason is found.
    """
    mailbox = folder.mailbox
    try:
        answer = client.select_folder(folder.name, readonly=mailbox.afterwards == Mailbox.Afterwards.LEAVE)
    except IMAPClientError as error:
        if isinstance(error, IMAPClientAbortError):
            raise
        raise FolderClosed(f"{folder.name}: {error}") from error
    validity = int(answer[b"UIDVALIDITY"])
    next_uid = int(answer.get(b"UIDNEXT", 0))
    if folder.uidvalidity != validity:
        _begin_again(folder, validity, next_uid or max(client.search(["ALL"]), default=0) + 1, now=now)
        compare = True
    if not next_uid or next_uid > folder.last_uid + 1:
        found = client.search(["UID", f"{folder.last_uid + 1}:*"])
        _note(client, folder, [uid for uid in found if uid > folder.last_uid])
        if next_uid > folder.last_uid + 1:  # the last ones were removed before we came
            folder.last_uid = next_uid - 1
            folder.save(update_fields=["last_uid"])
    due = folder.compared_at is None or now - folder.compared_at >= COMPARE_EVERY
    if compare or due:
        _compare(client, folder, now=now)
    return folder.mails.filter(state=MailSeen.State.WAITING, uidvalidity=folder.uidvalidity).count()


def _begin_again(folder: MailFolder, validity: int, next_uid: int, *, now: datetime) -> None:
    """Start at the first mail: the server has renumbered the folder, or it is read for the first time.

    The first day counts for what lies there now; whatever comes later is read, whatever its date.
    """
    with transaction.atomic():
        if folder.uidvalidity:
            folder.mails.filter(state=MailSeen.State.WAITING).update(state=MailSeen.State.RENUMBERED)
            data = {"mailbox": folder.mailbox_id, "folder": folder.pk}
            events.record("mailbox.renumbered", by=SYSTEM, at=now, data=data)
        folder.uidvalidity, folder.last_uid, folder.old_below_uid = validity, 0, next_uid
        folder.save(update_fields=["uidvalidity", "last_uid", "old_below_uid"])


def _note(client: Client, folder: MailFolder, uids: Sequence[int]) -> None:
    """Write a row for each mail, in order, and move on with each batch."""
    for some in batched(sorted(uids), LISTED_AT_ONCE):
        rows = list(_rows(client, folder, some))
        with transaction.atomic():
            MailSeen.objects.bulk_create(rows, ignore_conflicts=True)
            folder.last_uid = max(folder.last_uid, some[-1])
            folder.save(update_fields=["last_uid"])


def _rows(client: Client, folder: MailFolder, uids: Iterable[int]) -> Iterator[MailSeen]:
    first_day = folder.mailbox.read_from
    for uid, facts in client.fetch(list(uids), ["INTERNALDATE", "RFC822.SIZE"]).items():
        at = _aware(facts.get(b"INTERNALDATE"))
        # By the date as the server writes it, as SINCE goes by it too: IMAP knows no time zones here.
        if uid < folder.old_below_uid and first_day and at.date() < first_day:
            continue
        size = int(facts.get(b"RFC822.SIZE") or 0)
        yield MailSeen(folder=folder, uidvalidity=folder.uidvalidity, uid=uid, size=size, server_at=at)


def _compare(client: Client, folder: MailFolder, *, now: datetime) -> None:
    """Hold every number on the server against our rows: note the unknown, and see what is gone."""
    day = folder.mailbox.read_from
    there = set(client.search(["SINCE", day] if day else ["ALL"]))
    ours = folder.mails.filter(uidvalidity=folder.uidvalidity)
    unknown = there.difference(ours.values_list("uid", flat=True))
    if unknown:
        _note(client, folder, sorted(unknown))
    waiting = ours.filter(state=MailSeen.State.WAITING)
    gone = set(waiting.values_list("uid", flat=True)) - set(client.search(["ALL"]) if day else there)
    if gone:
        waiting.filter(uid__in=gone).update(state=MailSeen.State.GONE)
    folder.on_server, folder.compared_at = len(there), now
    folder.save(update_fields=["on_server", "compared_at"])


def _aware(at: object) -> datetime:
    if not isinstance(at, datetime):
        return datetime(1970, 1, 1, tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)

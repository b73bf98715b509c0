"""List the new mails of a folder, and record each as a row before any of them is fetched.

The position in a folder is (UIDVALIDITY, last UID). It advances in the transaction that writes the rows, so
every mail before it has a row. Whether a mail is new does not depend on its flags or date, except when a
folder is first read: mails from before the day that the administrator chose are skipped.
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
    """Select a folder and record its new mails; return how many are still to be fetched.

    With `compare`, and every hour, all mails on the server are compared with our rows, which finds any that
    were missed.

    Raises:
        FolderClosed: the server refuses to open the folder.
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
        _restart_folder(folder, validity, next_uid or max(client.search(["ALL"]), default=0) + 1, now=now)
        compare = True
    if not next_uid or next_uid > folder.last_uid + 1:
        uids = client.search(["UID", f"{folder.last_uid + 1}:*"])
        _record_mails(client, folder, [uid for uid in uids if uid > folder.last_uid])
        if next_uid > folder.last_uid + 1:  # the newest mails were deleted before we read them
            folder.last_uid = next_uid - 1
            folder.save(update_fields=["last_uid"])
    due = folder.compared_at is None or now - folder.compared_at >= COMPARE_EVERY
    if compare or due:
        _compare_folder(client, folder, now=now)
    return folder.mails.filter(state=MailSeen.State.WAITING, uidvalidity=folder.uidvalidity).count()


def _restart_folder(folder: MailFolder, validity: int, next_uid: int, *, now: datetime) -> None:
    """Start at the first mail, after the server renumbered the folder or when it is read for the first time.

    `next_uid` separates the mails that are there now, of which old ones are skipped, from later ones.
    """
    with transaction.atomic():
        if folder.uidvalidity:
            folder.mails.filter(state=MailSeen.State.WAITING).update(state=MailSeen.State.RENUMBERED)
            data = {"mailbox": folder.mailbox_id, "folder": folder.pk}
            events.record("mailbox.renumbered", by=SYSTEM, at=now, data=data)
        folder.uidvalidity, folder.last_uid, folder.old_below_uid = validity, 0, next_uid
        folder.save(update_fields=["uidvalidity", "last_uid", "old_below_uid"])


def _record_mails(client: Client, folder: MailFolder, uids: Sequence[int]) -> None:
    """Write a row for each mail, in batches by UID, and advance the position with each batch."""
    for batch in batched(sorted(uids), LISTED_AT_ONCE):
        rows = list(_build_rows(client, folder, batch))
        with transaction.atomic():
            MailSeen.objects.bulk_create(rows, ignore_conflicts=True)
            folder.last_uid = max(folder.last_uid, batch[-1])
            folder.save(update_fields=["last_uid"])


def _build_rows(client: Client, folder: MailFolder, uids: Iterable[int]) -> Iterator[MailSeen]:
    first_day = folder.mailbox.read_from
    for uid, facts in client.fetch(list(uids), ["INTERNALDATE", "RFC822.SIZE"]).items():
        at = _make_aware(facts.get(b"INTERNALDATE"))
        # The date as the server writes it, without conversion: IMAP's SINCE ignores time zones too.
        if uid < folder.old_below_uid and first_day and at.date() < first_day:
            continue
        size = int(facts.get(b"RFC822.SIZE") or 0)
        yield MailSeen(folder=folder, uidvalidity=folder.uidvalidity, uid=uid, size=size, server_at=at)


def _compare_folder(client: Client, folder: MailFolder, *, now: datetime) -> None:
    """Compare the UIDs on the server with our rows: record unknown mails, and mark those that are gone."""
    day = folder.mailbox.read_from
    on_server = set(client.search(["SINCE", day] if day else ["ALL"]))
    recorded = folder.mails.filter(uidvalidity=folder.uidvalidity)
    unknown = on_server.difference(recorded.values_list("uid", flat=True))
    if unknown:
        _record_mails(client, folder, sorted(unknown))
    waiting = recorded.filter(state=MailSeen.State.WAITING)
    gone = set(waiting.values_list("uid", flat=True)) - set(client.search(["ALL"]) if day else on_server)
    if gone:
        waiting.filter(uid__in=gone).update(state=MailSeen.State.GONE)
    folder.on_server, folder.compared_at = len(on_server), now
    folder.save(update_fields=["on_server", "compared_at"])


def _make_aware(at: object) -> datetime:
    if not isinstance(at, datetime):
        return datetime(1970, 1, 1, tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)

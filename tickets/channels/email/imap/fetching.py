"""Fetch the listed mails and store them in the ledger, committed before anything changes on the server.

A mail that cannot be fetched is retried after the others, and set aside after a few attempts with the
server's reason. Of a mail that is too large only the headers and first lines are fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from tickets.actor import Actor
from tickets.channels.email.imap.connection import Client
from tickets.channels.email.inbound import mailroom
from tickets.channels.email.inbound.mailroom import Received
from tickets.channels.email.mailboxes.trouble import FolderClosed
from tickets.intake import ledger
from tickets.models import Inbound, MailFolder, MailSeen

MAILS_AT_ONCE = 200
BYTES_AT_ONCE = 8 * 1024 * 1024
MAX_ATTEMPTS = 3
MAX_DISCONNECTS = 5
BYTES_OF_TOO_LARGE = 64 * 1024


def fetch_next_mails(client: Client, folder: MailFolder, *, now: datetime) -> int:
    """Fetch the next mails of the selected folder into the ledger; return how many were tried."""
    batch = _choose_batch(folder)
    if not batch:
        return 0
    if len(batch) == 1:
        _fetch_one(client, folder, batch[0], now=now)
    else:
        _fetch_many(client, folder, batch, now=now)
    return len(batch)


def tidy_folder(client: Client, folder: MailFolder) -> int:
    """Mark or move on the server the mails that are stored in the ledger; return how many.

    Raises:
        FolderClosed: the server refuses it.
    """
    mailbox = folder.mailbox
    rows = folder.mails.filter(uidvalidity=folder.uidvalidity, state=MailSeen.State.KEPT, is_tidied=False)
    uids = sorted(rows.values_list("uid", flat=True)[:1000])
    if not uids or mailbox.afterwards == mailbox.Afterwards.LEAVE:
        return 0
    try:
        if mailbox.afterwards == mailbox.Afterwards.SEEN:
            client.add_flags(uids, [rb"\Seen"], silent=True)
        else:
            _move_mails(client, uids, mailbox.move_to)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        raise FolderClosed(f"{mailbox.move_to or folder.name}: {error}") from error
    rows.filter(uid__in=uids).update(is_tidied=True)
    return len(uids)


def fetch_again(inbound: Inbound, *, by: Actor, now: datetime) -> bool:
    """Schedule another attempt for a mail that could not be fetched, and dismiss the row of its failure.

    Return False if the row is not of such a mail.
    """
    with transaction.atomic():
        failed = MailSeen.objects.filter(inbound=inbound, inbound__envelope__has_key="unreadable")
        changed = failed.update(state=MailSeen.State.WAITING, attempts=0, inbound=None)
        if changed:
            ledger.dismiss(inbound, by=by, now=now)
    return bool(changed)


def _choose_batch(folder: MailFolder) -> list[MailSeen]:
    """Return the mails to fetch in one command: up to 8 MB; large ones, and those that failed, alone."""
    waiting = folder.mails.filter(state=MailSeen.State.WAITING, uidvalidity=folder.uidvalidity)
    batch: list[MailSeen] = []
    bytes_left = BYTES_AT_ONCE
    for row in waiting.order_by("attempts", "uid")[:MAILS_AT_ONCE]:
        bytes_left -= row.size
        is_alone = row.attempts > 0 or row.size > settings.MAIL_MAX_BYTES
        if batch and (bytes_left < 0 or is_alone):
            break
        batch.append(row)
        if is_alone:
            break
    return batch


def _fetch_many(client: Client, folder: MailFolder, batch: Sequence[MailSeen], *, now: datetime) -> None:
    try:
        answers = client.fetch([row.uid for row in batch], ["BODY.PEEK[]"])
    except (IMAPClientAbortError, OSError):
        folder.mails.filter(pk__in=[row.pk for row in batch]).update(attempts=1)  # next time each alone
        raise
    except IMAPClientError:  # one of them is the cause, so fetch each alone
        for row in batch:
            _fetch_one(client, folder, row, now=now)
        return
    raws = {uid: facts.get(b"BODY[]") for uid, facts in answers.items()}
    whole = [row for row in batch if raws.get(row.uid) is not None]
    rows = mailroom.accept_many(
        folder.mailbox.channel,
        [Received(raws[row.uid] or b"", _build_envelope(folder, row)) for row in whole],
        now=now,
    )
    _mark_kept(whole, rows)
    for row in batch:
        if raws.get(row.uid) is None:
            _record_failure(folder, row, "", now=now)


def _fetch_one(client: Client, folder: MailFolder, row: MailSeen, *, now: datetime) -> None:
    is_large = row.size > settings.MAIL_MAX_BYTES
    wanted = (
        ["BODY.PEEK[HEADER]", f"BODY.PEEK[TEXT]<0.{BYTES_OF_TOO_LARGE}>"] if is_large else ["BODY.PEEK[]"]
    )
    try:
        facts = client.fetch([row.uid], wanted).get(row.uid, {})
    except (IMAPClientAbortError, OSError) as error:
        # This mail may be the cause of the disconnect: count the attempt, so that others go first next time.
        _record_failure(folder, row, str(error), max_attempts=MAX_DISCONNECTS, now=now)
        raise
    except IMAPClientError as error:
        _record_failure(folder, row, str(error), now=now)
        return
    parts = [value for name, value in facts.items() if name.startswith(b"BODY[") and value is not None]
    if not parts:
        _record_failure(folder, row, "", now=now)
        return
    envelope = _build_envelope(folder, row) | (
        {"too_large": row.size, "left_on_server": True} if is_large else {}
    )
    header = facts.get(b"BODY[HEADER]")
    raw = header + b"".join(p for p in parts if p is not header) if header is not None else parts[0]
    _mark_kept([row], mailroom.accept_many(folder.mailbox.channel, [Received(raw, envelope)], now=now))


def _record_failure(
    folder: MailFolder, row: MailSeen, reason: str, *, now: datetime, max_attempts: int = MAX_ATTEMPTS
) -> None:
    """Count a failed attempt; after the last one, store an empty ledger row with the reason for a person."""
    if row.attempts + 1 < max_attempts:
        _count_attempt(row)
        return
    envelope = _build_envelope(folder, row) | {"unreadable": reason[:300] or "the server gave nothing"}
    key = f"imap:{folder.pk}:{row.uidvalidity}:{row.uid}"
    inbound, _ = ledger.keep_raw(folder.mailbox.channel, b"", source_key=key, now=now, envelope=envelope)
    _mark_kept([row], [inbound])


def _count_attempt(row: MailSeen) -> None:
    row.attempts += 1
    row.save(update_fields=["attempts"])


def _mark_kept(rows: Sequence[MailSeen], inbounds: Sequence[Inbound]) -> None:
    for row, inbound in zip(rows, inbounds, strict=True):
        row.inbound, row.state = inbound, MailSeen.State.KEPT
    MailSeen.objects.bulk_update(rows, ["inbound", "state"])
    for row in rows[:1]:  # after the server renumbered the folder, only the row with the new number counts
        same = MailSeen.objects.filter(folder=row.folder_id, inbound__in=inbounds, state=MailSeen.State.KEPT)
        same.exclude(uidvalidity=row.uidvalidity).update(state=MailSeen.State.RENUMBERED)


def _build_envelope(folder: MailFolder, row: MailSeen) -> dict[str, object]:
    return {
        "recipients": [folder.mailbox.address],
        "folder": folder.name,
        "uidvalidity": row.uidvalidity,
        "uid": row.uid,
        "server_at": row.server_at.isoformat(),
    }


def _move_mails(client: Client, uids: Sequence[int], folder: str) -> None:
    """Move mails with the best command the server has; without MOVE and UIDPLUS they are only copied."""
    if client.has_capability("MOVE"):
        client.move(uids, folder)
        return
    client.copy(uids, folder)
    if client.has_capability("UIDPLUS"):
        client.delete_messages(uids, silent=True)
        client.uid_expunge(uids)

"""Fetch the mails that are noted, and put them into the ledger: commit first, everything else after.

A mail that cannot be fetched waits behind the others and is set aside after a few tries, with what the server
said; one that is too large comes as its headers and first lines, and stays on the server.
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
MAX_CUTS = 5
KEPT_OF_TOO_LARGE = 64 * 1024


def fetch(client: Client, folder: MailFolder, *, now: datetime) -> int:
    """Bring the next mails of the selected folder into the ledger; return how many were dealt with."""
    batch = _next(folder)
    if not batch:
        return 0
    if len(batch) == 1:
        _fetch_one(client, folder, batch[0], now=now)
    else:
        _fetch_many(client, folder, batch, now=now)
    return len(batch)


def tidy(client: Client, folder: MailFolder) -> int:
    """Mark or move on the server what is safe in the ledger; return how many mails.

    Raises FolderClosed when the server does not let us: the mails are kept all the same.
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
            _move(client, uids, mailbox.move_to)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        raise FolderClosed(f"{mailbox.move_to or folder.name}: {error}") from error
    rows.filter(uid__in=uids).update(is_tidied=True)
    return len(uids)


def fetch_again(inbound: Inbound, *, by: Actor, now: datetime) -> bool:
    """Ask the server anew for a mail it did not hand out; the note of the failure is put away."""
    with transaction.atomic():
        wanted = MailSeen.objects.filter(inbound=inbound, inbound__envelope__has_key="unreadable")
        changed = wanted.update(state=MailSeen.State.WAITING, attempts=0, inbound=None)
        if changed:
            ledger.dismiss(inbound, by=by, now=now)
    return bool(changed)


def _next(folder: MailFolder) -> list[MailSeen]:
    """Return the mails to fetch together: a few megabytes, those that failed before last and alone."""
    waiting = folder.mails.filter(state=MailSeen.State.WAITING, uidvalidity=folder.uidvalidity)
    batch: list[MailSeen] = []
    left = BYTES_AT_ONCE
    for row in waiting.order_by("attempts", "uid")[:MAILS_AT_ONCE]:
        left -= row.size
        is_alone = row.attempts > 0 or row.size > settings.MAIL_MAX_BYTES
        if batch and (left < 0 or is_alone):
            break
        batch.append(row)
        if is_alone:
            break
    return batch


def _fetch_many(client: Client, folder: MailFolder, batch: Sequence[MailSeen], *, now: datetime) -> None:
    try:
        answers = client.fetch([row.uid for row in batch], ["BODY.PEEK[]"])
    except (IMAPClientAbortError, OSError):
        folder.mails.filter(pk__in=[row.pk for row in batch]).update(attempts=1)  # from now on one by one
        raise
    except IMAPClientError:  # one of them is the reason: ask for each alone
        for row in batch:
            _fetch_one(client, folder, row, now=now)
        return
    raws = {uid: facts.get(b"BODY[]") for uid, facts in answers.items()}
    whole = [row for row in batch if raws.get(row.uid) is not None]
    rows = mailroom.accept_many(
        folder.mailbox.channel,
        [Received(raws[row.uid] or b"", _facts(folder, row)) for row in whole],
        now=now,
    )
    _kept(whole, rows)
    for row in batch:
        if raws.get(row.uid) is None:
            _not_handed_out(folder, row, "", now=now)


def _fetch_one(client: Client, folder: MailFolder, row: MailSeen, *, now: datetime) -> None:
    is_large = row.size > settings.MAIL_MAX_BYTES
    wanted = ["BODY.PEEK[HEADER]", f"BODY.PEEK[TEXT]<0.{KEPT_OF_TOO_LARGE}>"] if is_large else ["BODY.PEEK[]"]
    try:
        facts = client.fetch([row.uid], wanted).get(row.uid, {})
    except (IMAPClientAbortError, OSError) as error:
        # The connection is gone; was it this mail? It counts against it, and the others go first next time.
        _not_handed_out(folder, row, str(error), most=MAX_CUTS, now=now)
        raise
    except IMAPClientError as error:
        _not_handed_out(folder, row, str(error), now=now)
        return
    parts = [value for name, value in facts.items() if name.startswith(b"BODY[") and value is not None]
    if not parts:
        _not_handed_out(folder, row, "", now=now)
        return
    said = _facts(folder, row) | ({"too_large": row.size, "left_on_server": True} if is_large else {})
    header = facts.get(b"BODY[HEADER]")
    raw = header + b"".join(p for p in parts if p is not header) if header is not None else parts[0]
    _kept([row], mailroom.accept_many(folder.mailbox.channel, [Received(raw, said)], now=now))


def _not_handed_out(
    folder: MailFolder, row: MailSeen, said: str, *, now: datetime, most: int = MAX_ATTEMPTS
) -> None:
    """Count a mail the server did not hand out; in the end keep a note of it, for a person to look at."""
    if row.attempts + 1 < most:
        _count(row)
        return
    facts = _facts(folder, row) | {"unreadable": said[:300] or "the server gave nothing"}
    key = f"imap:{folder.pk}:{row.uidvalidity}:{row.uid}"
    inbound, _ = ledger.keep_raw(folder.mailbox.channel, b"", source_key=key, now=now, envelope=facts)
    _kept([row], [inbound])


def _count(row: MailSeen) -> None:
    row.attempts += 1
    row.save(update_fields=["attempts"])


def _kept(rows: Sequence[MailSeen], inbounds: Sequence[Inbound]) -> None:
    for row, inbound in zip(rows, inbounds, strict=True):
        row.inbound, row.state = inbound, MailSeen.State.KEPT
    MailSeen.objects.bulk_update(rows, ["inbound", "state"])
    for row in rows[:1]:  # after a renumbering each mail is known by its new number only
        same = MailSeen.objects.filter(folder=row.folder_id, inbound__in=inbounds, state=MailSeen.State.KEPT)
        same.exclude(uidvalidity=row.uidvalidity).update(state=MailSeen.State.RENUMBERED)


def _facts(folder: MailFolder, row: MailSeen) -> dict[str, object]:
    return {
        "recipients": [folder.mailbox.address],
        "folder": folder.name,
        "uidvalidity": row.uidvalidity,
        "uid": row.uid,
        "server_at": row.server_at.isoformat(),
    }


def _move(client: Client, uids: Sequence[int], folder: str) -> None:
    """Move mails, with what the server knows for it; without UIDPLUS a copy is made and nothing removed."""
    if client.has_capability("MOVE"):
        client.move(uids, folder)
        return
    client.copy(uids, folder)
    if client.has_capability("UIDPLUS"):
        client.delete_messages(uids, silent=True)
        client.uid_expunge(uids)

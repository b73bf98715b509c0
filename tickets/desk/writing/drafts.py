"""Drafts: what somebody is writing, with its files, kept on the server while they write."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from tickets import prepared
from tickets.desk.entrance import Desk
from tickets.errors import Invalid, TooLarge
from tickets.models import Attachment, Draft, Message, Ticket
from tickets.platform import files

MAX_BYTES = 25 * 1024 * 1024
MAX_FILES = 20
MAX_TEXT = 200_000
KINDS = {Draft.Kind.REPLY.value: Message.Kind.OUTBOUND, Draft.Kind.NOTE.value: Message.Kind.NOTE}


def load_drafts(ticket: Ticket, desk: Desk) -> dict[str, Draft]:
    """Return this person's drafts in a ticket by kind."""
    return {draft.kind: draft for draft in prepared.load_drafts(ticket.pk, desk.user.pk)}


def save(ticket: Ticket, desk: Desk, *, kind: str, text: str, seen_seq: int) -> Draft:
    """Keep what is written so far. An emptied draft without files stays as an empty row.

    Raises:
        Invalid: the kind is none, or the text is longer than a message may be.
    """
    checked_kind(kind)
    if len(text) > MAX_TEXT:
        raise Invalid(_("This text is too long. Attach it as a file instead."), code="too_long")
    fields = {"text": text.replace("\x00", ""), "seen_seq": seen_seq, "updated_at": desk.now}
    draft, _made = Draft.objects.update_or_create(ticket=ticket, user=desk.user, kind=kind, defaults=fields)
    return draft


def checked_kind(kind: str) -> str:
    """Return a kind that a draft may have. Raises Invalid for any other."""
    if kind not in KINDS:
        raise Invalid(code="unknown_kind")
    return kind


def autosave(
    ticket: Ticket, desk: Desk, *, kind: str, text: str, seen_seq: int, opened_at: datetime | None
) -> Draft | None:
    """Keep what is being written, unless its writer has sent it meanwhile: then return None.

    A field that is merely emptied, as it is after sending, begins no draft.
    Waits for a sending that is under way, so that an autosave beside it does not bring back what was sent.
    """
    with transaction.atomic():
        # Not FOR UPDATE: a draft kept beside it by a refused sending needs to see that the ticket exists.
        locked = Ticket.objects.select_for_update(of=("self",), no_key=True)  # reached: a lock
        locked.filter(pk=ticket.pk).first()
        if _is_over(ticket, desk, kind=kind, opened_at=opened_at):
            return None
        if not text.strip() and not ticket.drafts.filter(user=desk.user, kind=kind).exists():
            return None
        return save(ticket, desk, kind=kind, text=text, seen_seq=seen_seq)


def attach(draft: Draft, uploads: Iterable[UploadedFile[Any]], *, now: datetime) -> list[Attachment]:
    """Store files durably, then put their rows beside the draft.

    Raises:
        TooLarge: more than 25 MB or 20 files together; nothing of this upload is kept.
    """
    uploads = list(uploads)
    held = draft.attachments.aggregate(size=Sum("size", default=0))["size"]
    if held + sum(upload.size or 0 for upload in uploads) > MAX_BYTES:
        raise TooLarge(_("A message carries at most 25 MB of files. Remove one, or send a link instead."))
    if draft.attachments.count() + len(uploads) > MAX_FILES:
        raise TooLarge(_("A message carries at most 20 files. Put them into one archive instead."))
    rows = [_row(draft, upload, now) for upload in uploads]
    return Attachment.objects.bulk_create(rows)


def detach(draft: Draft, public_id: str) -> bool:
    """Remove one file of a draft, and what is stored of it."""
    file = draft.attachments.filter(public_id=public_id).first()
    if file is None:
        return False
    _remove([file])
    return True


def discard(draft: Draft) -> None:
    """Throw a draft away with its files."""
    with transaction.atomic():
        _remove(list(draft.attachments.all()))
        draft.delete()


def _is_over(ticket: Ticket, desk: Desk, *, kind: str, opened_at: datetime | None) -> bool:
    """Tell whether the writer has sent something of this kind since their sheet was last empty."""
    if opened_at is None or kind not in KINDS:
        return False
    sent = ticket.messages.filter(author_user=desk.user, kind=KINDS[kind], created_at__gt=opened_at)
    return sent.exists()


def _row(draft: Draft, upload: UploadedFile[Any], now: datetime) -> Attachment:
    stored = files.store_file(upload.read())
    return Attachment(
        draft=draft,
        name=files.clean_name(upload.name or ""),
        content_type=(upload.content_type or "application/octet-stream")[:120],
        size=stored.size,
        key=stored.key,
        sha256=stored.sha256,
        created_at=now,
    )


def _remove(rows: list[Attachment]) -> None:
    Attachment.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for row in rows:
        transaction.on_commit(partial(default_storage.delete, row.key), robust=True)

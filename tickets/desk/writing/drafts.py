"""Drafts: what an agent is writing, with its files, saved on the server while they write."""

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
from tickets.desk.access import Desk
from tickets.errors import Invalid, TooLarge
from tickets.models import Attachment, Draft, Message, Ticket
from tickets.platform import files

MAX_BYTES = 25 * 1024 * 1024
MAX_FILES = 20
MAX_TEXT = 200_000
KINDS = {Draft.Kind.REPLY.value: Message.Kind.OUTBOUND, Draft.Kind.NOTE.value: Message.Kind.NOTE}


def load_drafts(ticket: Ticket, desk: Desk) -> dict[str, Draft]:
    """Return this person's drafts in a ticket, by kind ("reply", "note")."""
    return {draft.kind: draft for draft in prepared.load_drafts(ticket.pk, desk.user.pk)}


def save_draft(ticket: Ticket, desk: Desk, *, kind: str, text: str, seen_seq: int) -> Draft:
    """Save the text as the draft of this kind; `seen_seq` is the last message the agent has seen.

    A draft whose text was deleted stays as an empty row.

    Raises:
        Invalid: the kind is unknown, or the text has more than 200,000 characters.
    """
    check_kind(kind)
    if len(text) > MAX_TEXT:
        raise Invalid(_("This text is too long. Attach it as a file instead."), code="too_long")
    fields = {"text": text.replace("\x00", ""), "seen_seq": seen_seq, "updated_at": desk.now}
    draft, _made = Draft.objects.update_or_create(ticket=ticket, user=desk.user, kind=kind, defaults=fields)
    return draft


def check_kind(kind: str) -> str:
    """Return `kind` if it is "reply" or "note". Raises Invalid for any other."""
    if kind not in KINDS:
        raise Invalid(code="unknown_kind")
    return kind


def autosave_draft(
    ticket: Ticket, desk: Desk, *, kind: str, text: str, seen_seq: int, opened_at: datetime | None
) -> Draft | None:
    """Save the draft, unless its text was sent since `opened_at`: then return None.

    No draft is created from an empty text, which the field has after sending.
    """
    with transaction.atomic():
        # Sending locks the ticket too. Without this lock, an autosave that arrives during a sending would
        # restore the text that is just being sent. NO KEY UPDATE, because FOR UPDATE would block inserts
        # that refer to the ticket, such as the draft that a refused sending saves.
        locked = Ticket.objects.select_for_update(of=("self",), no_key=True)  # reached: a lock
        locked.filter(pk=ticket.pk).first()
        if _was_sent(ticket, desk, kind=kind, opened_at=opened_at):
            return None
        if not text.strip() and not ticket.drafts.filter(user=desk.user, kind=kind).exists():
            return None
        return save_draft(ticket, desk, kind=kind, text=text, seen_seq=seen_seq)


def attach_files(draft: Draft, uploads: Iterable[UploadedFile[Any]], *, now: datetime) -> list[Attachment]:
    """Store the uploaded files, then attach them to the draft.

    The files are stored first, so that no row ever refers to a missing file.

    Raises:
        TooLarge: the draft would have more than 25 MB or 20 files; nothing of this upload is kept.
    """
    uploads = list(uploads)
    stored_bytes = draft.attachments.aggregate(size=Sum("size", default=0))["size"]
    if stored_bytes + sum(upload.size or 0 for upload in uploads) > MAX_BYTES:
        raise TooLarge(_("A message carries at most 25 MB of files. Remove one, or send a link instead."))
    if draft.attachments.count() + len(uploads) > MAX_FILES:
        raise TooLarge(_("A message carries at most 20 files. Put them into one archive instead."))
    rows = [_build_attachment(draft, upload, now) for upload in uploads]
    return Attachment.objects.bulk_create(rows)


def detach_file(draft: Draft, public_id: str) -> bool:
    """Remove a file from a draft and from storage; return False if the draft has no such file."""
    file = draft.attachments.filter(public_id=public_id).first()
    if file is None:
        return False
    _remove_files([file])
    return True


def _was_sent(ticket: Ticket, desk: Desk, *, kind: str, opened_at: datetime | None) -> bool:
    """Return whether the agent sent a message of this kind since `opened_at`, when their editor was empty."""
    if opened_at is None or kind not in KINDS:
        return False
    sent = ticket.messages.filter(author_user=desk.user, kind=KINDS[kind], created_at__gt=opened_at)
    return sent.exists()


def _build_attachment(draft: Draft, upload: UploadedFile[Any], now: datetime) -> Attachment:
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


def _remove_files(rows: list[Attachment]) -> None:
    Attachment.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for row in rows:  # on commit: after a rollback the rows still need their files
        transaction.on_commit(partial(default_storage.delete, row.key), robust=True)

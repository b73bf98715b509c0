"""Store files on disk or in an object store, under random keys.

A file is on disk durably before any row refers to it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.text import get_valid_filename


@dataclass(frozen=True)
class StoredFile:
    """A stored file: its key, its size in bytes and its SHA-256."""

    key: str
    size: int
    sha256: str


class DurableFileSystemStorage(FileSystemStorage):
    """Write under a temporary name, fsync, rename, fsync the folder: a power cut leaves no partial file."""

    def _save(self, name: str, content: File[Any]) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".part-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        return name


def store_file(data: bytes) -> StoredFile:
    """Store `data` under a new random key. Raises OSError if the store is full or unavailable."""
    token = secrets.token_hex(16)
    key = f"{token[:2]}/{token[2:4]}/{token[4:]}"
    default_storage.save(key, ContentFile(data))
    return StoredFile(key, len(data), hashlib.sha256(data).hexdigest())


def open_file(key: str) -> IO[bytes]:
    """Open a stored file for reading; the caller closes it."""
    return default_storage.open(key, "rb")


def clean_name(name: str) -> str:
    """Return `name` without path, control, bidi and zero-width characters; at most 200 characters."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(
        c for c in base if c.isprintable() and c not in "\u200b\u200c\u200d\ufeff\u2060\u00ad"
    )
    stem = printable.strip(" .")[:200] or "file"
    return stem if stem not in {".", ".."} else get_valid_filename(stem)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Write a backup."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from helpdesk.databases import backup
from tickets.clock import database_now


class Command(BaseCommand):
    """It may run while Tandem does."""

    help = "Writes the database and the stored files into one tar file; Tandem may go on running."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file's name."""
        parser.add_argument("file", nargs="?", type=Path, help="default: tandem-<date>-<time>.tar, here")

    def handle(self, *, file: Path | None, **options: Any) -> None:
        """Write it and say where."""
        now = database_now()
        path = file or Path(f"tandem-{now:%Y-%m-%d-%H%M%S}.tar")
        manifest = backup.write_backup(path.absolute(), now=now)
        self.stdout.write(f"Backup written to {path} ({path.stat().st_size / 1e6:.1f} MB).")
        if not manifest["files"]:
            self.stdout.write(
                "It holds no stored files: there are none here, or they are in an object store."
            )

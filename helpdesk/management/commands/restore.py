"""Restore a backup."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from helpdesk.databases import backup


class Command(BaseCommand):
    """Tandem must be stopped."""

    help = "Brings back what `backup` has written. Stop Tandem first."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and whether present data is given up."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="give up the data that is there")

    def handle(self, *, file: Path, replace: bool, **options: Any) -> None:
        """Restore it and say of when it is."""
        manifest = backup.restore_backup(file.absolute(), replace=replace)
        self.stdout.write(f"Restored the backup of {manifest['taken_at']}. Start Tandem now.")

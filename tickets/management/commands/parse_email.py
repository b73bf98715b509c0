"""Print how the mail parser reads mails: one JSON object a line for each file, or for standard input."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from tickets.channels.email.parsing import ParsedMail
from tickets.channels.email.reading.sandbox import SandboxError, SandboxUnavailable, parse_in_sandbox


class Command(BaseCommand):
    help = "Print what the parser sees in mails, one JSON object a line. Reads standard input without FILE."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="a mail as it came, with its header")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["files"]:
            self._print("-", sys.stdin.buffer.read())
        for name in options["files"]:
            try:
                raw = Path(name).read_bytes()
            except OSError as error:
                self._write(name, ParsedMail(defects=(f"the file cannot be read: {error.strerror}",)))
            else:
                self._print(name, raw)

    def _print(self, name: str, raw: bytes) -> None:
        try:
            mail = parse_in_sandbox(raw)
        except (SandboxError, SandboxUnavailable) as error:
            mail = ParsedMail(defects=(str(error),))
        self._write(name, mail)

    def _write(self, name: str, mail: ParsedMail) -> None:
        self.stdout.write(json.dumps({"file": name, **mail.to_dict()}))

"""Remove the demonstration data."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helpdesk.databases.roles import as_owner
from helpdesk.demo.clear import Cleared, clear_demo
from helpdesk.first import setting_up
from tickets.clock import database_now
from tickets.errors import DomainError


class Command(BaseCommand):
    """Asks before it does anything, unless told not to."""

    help = "Removes the demonstration's customers, tickets, people and settings; leaves what is yours."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, yes: bool, **options: Any) -> None:
        if not yes:
            self._ask()
        try:
            with as_owner():
                done = clear_demo(now=database_now())
        except DomainError as error:
            raise CommandError(str(error.sentence)) from None
        self._tell(done)

    def _ask(self) -> None:
        if not sys.stdin.isatty():
            raise CommandError("Nothing is removed without being asked for: add --yes.")
        self.stdout.write(
            "This removes the demonstration's customers with all their tickets, and its people."
        )
        if input("Type yes to go on: ").strip().lower() != "yes":
            raise CommandError("Nothing was removed.")

    def _tell(self, done: Cleared) -> None:
        self.stdout.write(
            f"Removed: {done.tickets} tickets, {done.customers} customers, {done.people} people."
        )
        if done.stays:
            self.stdout.write(f"These stay, since something of yours needs them: {', '.join(done.stays)}.")
        if setting_up.is_open():
            link = setting_up.create_setup_link(now=database_now())
            self.stdout.write(f"Nobody has an account now. Make the first administrator here, today: {link}")

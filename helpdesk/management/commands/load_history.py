"""Add synthetic tickets in bulk."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helpdesk.history.load import load_history
from tickets.clock import database_now


class Command(BaseCommand):
    help = "Add N synthetic tickets with customers, contacts, messages and events, by COPY."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tickets", type=int, required=True)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, tickets: int, seed: int, **options: Any) -> None:
        if tickets < 1:
            raise CommandError("Give a number of tickets above zero.")
        try:
            messages = load_history(tickets, now=database_now(), seed=seed, say=self.stdout.write)
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{tickets} tickets, {messages} messages")

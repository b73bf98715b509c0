"""Print the demo accounts and their password."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helpdesk.demo import logins
from tickets.clock import database_now


class Command(BaseCommand):
    help = "Prints the demo accounts and their password, which is this installation's own."

    def handle(self, *args: Any, **options: Any) -> None:
        logins.renew_passwords(now=database_now())
        line = logins.describe_logins()
        if not line:
            raise CommandError("There are no demo accounts, or each has a password that its person chose.")
        self.stdout.write(line)

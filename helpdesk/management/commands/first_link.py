"""Print the link that makes the first administrator."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helpdesk.first import setting_up
from tickets.clock import database_now
from tickets.errors import DomainError


class Command(BaseCommand):
    help = "Prints a link, valid once and for a day, to the page that makes the first administrator."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(setting_up.create_setup_link(now=database_now()))
        except DomainError as error:
            raise CommandError(str(error.sentence)) from None

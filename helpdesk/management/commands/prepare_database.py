"""Make or update the tables as their owner, and give the application's role its rights."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from helpdesk.databases.roles import as_owner, grant_to_application, refuse_unsuitable_server
from helpdesk.demo import logins
from tickets.clock import database_now
from tickets.platform import locks
from tickets.platform.locks import Lock


class Command(BaseCommand):
    """Run it once per release, before the new processes start; running it twice changes nothing."""

    help = "Makes or updates the tables, and gives the application's database role its rights."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        """Migrate and grant under a lock, so that two machines may both try."""
        with as_owner():
            refuse_unsuitable_server()
            with locks.hold_lock(Lock.PREPARE_DATABASE):
                call_command("migrate", interactive=False, skip_checks=True, verbosity=options["verbosity"])
                with transaction.atomic():
                    grant_to_application()
                logins.renew_passwords(now=database_now())

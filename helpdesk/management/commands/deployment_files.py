"""Write the files that follow from the table of processes."""

from typing import Any

from django.core.management.base import BaseCommand

from helpdesk.runtime.compose import compose_file, proxy_file
from helpdesk.runtime.environment import REPOSITORY


class Command(BaseCommand):
    """A test tells when it should have been run."""

    help = "Writes docker-compose.yml and deploy/nginx.conf from the table of processes."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        """Write both."""
        (REPOSITORY / "docker-compose.yml").write_text(compose_file())
        (REPOSITORY / "deploy" / "nginx.conf").write_text(proxy_file())

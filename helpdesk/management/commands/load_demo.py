"""Fill an empty installation with demonstration data."""

import gc
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from helpdesk.demo.load import load_demo
from tickets.clock import database_now


class Command(BaseCommand):
    help = "Make the demonstration company: 3 queues, 8 agents, 40 customers, 150 tickets over 60 days."

    def handle(self, *args: Any, **options: Any) -> None:
        silent = settings.BELLS_SILENT
        settings.BELLS_SILENT = True  # history rings nobody
        gc.disable()  # nearly all that is made here stays until the end
        try:
            with transaction.atomic():  # all of it or nothing, when somebody presses Ctrl-C on the first run
                count = load_demo(now=database_now(), say=self.stdout.write)
        finally:
            gc.enable()
            settings.BELLS_SILENT = silent
        self.stdout.write(f"{count} tickets" if count else "Nothing done: this installation is not empty.")

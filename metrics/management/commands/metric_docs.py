"""Write the texts that are made from the metrics' docstrings."""

from typing import Any

from django.core.management.base import BaseCommand

from metrics.catalogue import documents


class Command(BaseCommand):
    help = "Write docs/metrics.md and metrics/asking/formulas.py from the metrics' docstrings."

    def handle(self, *args: Any, **options: Any) -> None:
        documents.PAGE.write_text(documents.build_page())
        documents.WORDS.write_text(documents.build_formulas())
        self.stdout.write(f"{documents.PAGE}\n{documents.WORDS}")

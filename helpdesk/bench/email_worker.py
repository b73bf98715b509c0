"""One reader of the ledger, measured: as a worker reads it, in a process of its own."""

from __future__ import annotations

import json
import sys
import time

import django
from django.conf import settings


def main() -> None:
    """Read ledger rows named on standard input, one list a line; answer each list with seconds and queries."""
    django.setup()
    settings.BELLS_SILENT = True
    from django.db import connection  # noqa: PLC0415  (Django had to be set up first)

    from tickets.clock import database_now  # noqa: PLC0415
    from tickets.intake import receive  # noqa: PLC0415

    counted = _Counter()
    with connection.execute_wrapper(counted):
        for line in sys.stdin:
            counted.queries, started = 0, time.perf_counter()
            for inbound_id in json.loads(line):
                receive.process(inbound_id, now=database_now())
            result = {"seconds": time.perf_counter() - started, "queries": counted.queries}
            print(json.dumps(result), flush=True)


class _Counter:
    """Count statements; BEGIN and COMMIT are not among them."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204
        self.queries += 1
        return execute(sql, params, many, context)


if __name__ == "__main__":
    main()

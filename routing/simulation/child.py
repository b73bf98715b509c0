"""A process of its own for long simulations: the task comes in as JSON, each finished run goes out as a line.

It has no database and no settings, and ends by itself when nobody listens any more.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

from routing.simulation import what_if

MEMORY_BYTES = 1_500_000_000
CPU_SECONDS = 1800


def main() -> None:
    """Read the task from standard input, work, and write a line for each run and one for the table."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    task = json.load(sys.stdin)
    table = what_if.run_variants(task, _say, task["told"])
    _say({"table": what_if.build_table(table)})


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

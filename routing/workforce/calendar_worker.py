"""The program that reads one calendar file from its standard input, prints what it found, and ends.

Before it reads it gives up memory, files and most of the processor: `calendar_process` starts it.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from routing.workforce.occurrences import Refused, expand_entries
from tickets.platform.confinement import confine_process

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 3  # a file of the largest size with 3,000 entries takes 0.7


def main() -> None:
    """Print {"entries": [[start, end, uid], …]} or {"refused": code}. The first line read is a header."""
    confine_process(MEMORY_BYTES, cpu_seconds=CPU_SECONDS)
    header = json.loads(sys.stdin.buffer.readline())
    raw = sys.stdin.buffer.read()
    try:
        entries = expand_entries(raw, ZoneInfo(header["zone"]), datetime.fromisoformat(header["now"]))
        answer: dict[str, object] = {
            "entries": [(starts.isoformat(), ends.isoformat(), uid) for starts, ends, uid in entries]
        }
    except Refused as refused:
        answer = {"refused": str(refused)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()

"""CPU time and memory of process trees, read from /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def list_process_tree(root: int) -> list[int]:
    """Return a process and all its living descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            fields = _stat(int(folder.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(folder.name))
    process_ids, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        process_ids.append(pid)
        waiting += children.get(pid, [])
    return process_ids


def cpu_milliseconds(roots: Iterable[int]) -> float:
    """Return user and system time of the process trees, children that have ended included."""
    total = 0
    for root in roots:
        for pid in list_process_tree(root):
            fields = _stat(pid)
            if fields:
                total += sum(int(fields[place]) for place in (11, 12, 13, 14))
    return total * 1000 / TICKS


def peak_mib(root: int) -> float:
    """Return the sum of the peak resident memory of a process tree in MiB."""
    total = 0
    for pid in list_process_tree(root):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
    return total / 1024


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/<pid>/stat after the name (state first), or nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []

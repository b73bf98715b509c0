"""Limits for a process that reads hostile input. No Django: such processes do not load the settings."""

from __future__ import annotations

import os
import resource


def confine_process(memory_bytes: int, *, cpu_seconds: int | None = None) -> None:
    """Limit this process to `memory_bytes`, and forbid written files, new processes and core dumps.

    The kernel enforces the limits, until the process ends. `cpu_seconds` limits processor time, if given.
    """
    limits = [
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ]
    if cpu_seconds is not None:
        limits.append((resource.RLIMIT_CPU, cpu_seconds))
    if os.geteuid() != 0:  # the kernel does not count the processes of root
        limits.append((resource.RLIMIT_NPROC, 0))
    for limit, value in limits:
        resource.setrlimit(limit, (value, value))


def build_environment(project: str) -> dict[str, str]:
    """Return the environment for such a process: the path of its modules (`project`), and no secret."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "PYTHONPATH": project, "LC_ALL": "C.UTF-8"}

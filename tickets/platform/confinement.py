"""What a program gives up before it reads hostile input. Plain Python: such programs know no settings."""

from __future__ import annotations

import os
import resource


def confine_process(memory_bytes: int, *, cpu_seconds: int | None = None) -> None:
    """Give up what reading does not need: much memory, files to write, new processes, a core dump.

    The kernel ends this process when it goes beyond. `cpu_seconds` are those of the processor.
    """
    limits = [
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ]
    if cpu_seconds is not None:
        limits.append((resource.RLIMIT_CPU, cpu_seconds))
    if os.geteuid() != 0:  # root's processes are not counted
        limits.append((resource.RLIMIT_NPROC, 0))
    for limit, value in limits:
        resource.setrlimit(limit, (value, value))


def build_environment(project: str) -> dict[str, str]:
    """Return the environment of such a program: where its modules are, and no secret of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "PYTHONPATH": project, "LC_ALL": "C.UTF-8"}

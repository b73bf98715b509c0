"""Start a program that ends when we end, however we end, and that may run as a less privileged user."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from helpdesk.embedded.place import Account

# Drops root, asks the kernel for a signal when the starter dies (Linux), and becomes the program. All is
# imported before root is dropped: the other user may not be able to read Python's modules. SIGINT is reset
# because a program started in the background inherits it ignored.
LAUNCHER = """
import ctypes, os, signal, sys
parent, uid, gid, farewell, *command = sys.argv[1:]
system = ctypes.CDLL(None)
if int(uid) >= 0:
    os.setgroups([]); os.setgid(int(gid)); os.setuid(int(uid))
if int(farewell) and sys.platform == "linux":
    system.prctl(1, int(farewell))
    if os.getppid() != int(parent):
        sys.exit("the process that wanted this one has gone")
for number in (signal.SIGPIPE, signal.SIGINT):
    signal.signal(number, signal.SIG_DFL)
os.execvp(command[0], command)
"""


def start_process(
    command: Sequence[str],
    *,
    log: Path | None = None,
    account: Account | None = None,
    farewell: signal.Signals | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | str = "/",
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, so that Ctrl-C in the terminal reaches only us.

    `farewell` is the signal it gets when the calling thread ends; its output goes to the end of `log`, or
    where ours goes.
    """
    owner = [str(account.uid), str(account.gid)] if account else ["-1", "-1"]
    launcher = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(os.getpid()), *owner, str(int(farewell or 0))]
    output = log.open("ab") if log else None
    try:
        return subprocess.Popen(
            [*launcher, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            cwd=folder,
            env=None if environment is None else dict(environment),
            start_new_session=True,
        )
    finally:
        if output:
            output.close()

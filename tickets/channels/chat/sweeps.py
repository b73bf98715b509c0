"""What must happen in chats even when nobody sends a frame."""

from tickets.channels.base import Sweep
from tickets.channels.chat import leaving

sweeps = (
    Sweep("chat: let go who has left", 10, leaving.leave_absent),
    Sweep("chat: end silent chats", 60, leaving.end_silent),
    Sweep("chat: forget unused sessions", 3600, leaving.forget_unused),
)

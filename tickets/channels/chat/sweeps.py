"""The chat's periodic work: departed visitors, silent chats, and unused sessions."""

from tickets.channels.base import Sweep
from tickets.channels.chat import departures

sweeps = (
    Sweep("chat: let go who has left", 10, departures.record_departures),
    Sweep("chat: end silent chats", 60, departures.end_silent_chats),
    Sweep("chat: forget unused sessions", 3600, departures.delete_unused_sessions),
)

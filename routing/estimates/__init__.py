"""How long somebody will wait, from queue, roster and history."""

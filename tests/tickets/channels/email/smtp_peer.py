"""A mail server of somebody else's, on this machine: what it says to each command is set by the test."""

from __future__ import annotations

import socket
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Peer:
    """Keeps what it took. `greylist` defers a sender's first try; `refuse` maps recipients to answers."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.tries: list[str] = []
        self.refuse: dict[str, str] = {}
        self.greylist = False
        self.cut_after_data = 0
        self.data_answer = "250 2.0.0 Ok: queued"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tries.append(address)
        if address in self.refuse:
            return self.refuse[address]
        if self.greylist and self.tries.count(address) == 1:
            return "451 4.7.1 Greylisted, try again in a few minutes"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope)
        if self.cut_after_data:
            self.cut_after_data -= 1
            transport: Any = server.transport
            transport.abort()  # the mail is taken, and nobody is told
        return self.data_answer


def start(peer: Peer) -> tuple[Controller, int]:
    """Run the peer on a free port; return its controller and the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(peer, hostname="127.0.0.1", port=port, ready_timeout=10)
    controller.start()
    return controller, port

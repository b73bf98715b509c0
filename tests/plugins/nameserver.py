"""A name server on this machine, for tests that ask DNS."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest


class NameServer:
    """Answers over UDP from `records`: {(name, kind): [texts]}; what is not there does not exist."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.silent = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                data, peer = self._socket.recvfrom(4096)
            except OSError:
                return
            if not self.silent:
                self._socket.sendto(self._answer(dns.message.from_wire(data)).to_wire(), peer)

    def _answer(self, question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        (asked,) = question.question
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(asked.rdtype)
        texts = self.records.get((name, kind), [])
        if texts:
            answer.answer.append(dns.rrset.from_text_list(asked.name, 60, "IN", kind, texts))
        elif not any(known == name for known, _ in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


@pytest.fixture
def nameserver(settings) -> Iterator[NameServer]:
    """Run a name server and let Tandem ask it alone."""
    server = NameServer()
    settings.DNS_SERVERS = [f"127.0.0.1#{server.port}"]
    yield server
    server.close()

"""Peers of mail tests: a submission server that delivers into Dovecot, and a sign-in server."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import smtplib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests.plugins.dovecot import PASSWORD, USER, Dovecot
from tests.plugins.servers import free_port


@dataclass
class Submission:
    """A mail server for sending: it wants a sign-in, and hands mails to Dovecot by LMTP."""

    dovecot: Dovecot | None = None
    passwords: dict[str, str] = field(default_factory=lambda: {USER: PASSWORD})
    tokens: set[str] = field(default_factory=set)
    loses_mails: bool = False
    said: list[bytes] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        self.taken.append(envelope.content)
        if self.dovecot is not None and not self.loses_mails:
            with smtplib.LMTP("127.0.0.1", self.dovecot.lmtp_port) as client:
                client.sendmail(envelope.mail_from, envelope.rcpt_tos, envelope.content)
        return "250 OK"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        """Check the SASL string as Microsoft and Google do: user=…^Aauth=Bearer …^A^A."""
        given = base64.b64decode(args[1])
        self.said.append(given)
        user, auth, *rest = given.decode().split("\x01")
        token = auth.removeprefix("auth=Bearer ")
        is_good = user.startswith("user=") and rest == ["", ""] and token in self.tokens
        if not is_good:
            await server.push("334 eyJzdGF0dXMiOiI0MDEifQ==")
            await server._reader.readline()  # the empty answer that the protocol asks for
        return AuthResult(success=is_good, handled=False)

    def authenticator(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        is_good = self.passwords.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=is_good, handled=False)


@contextlib.contextmanager
def submission(dovecot: Dovecot | None = None, **details: Any) -> Iterator[Submission]:
    """Run such a server."""
    peer = Submission(dovecot, **details)
    peer.port = free_port()
    controller = Controller(
        peer, hostname="127.0.0.1", port=peer.port, authenticator=peer.authenticator,
        auth_require_tls=False, auth_required=True,
    )  # fmt: skip
    controller.start()
    try:
        yield peer
    finally:
        controller.stop()


@dataclass
class SignInServer:
    """The provider's side of OAuth 2 (RFC 6749, 7636) and the token check that Dovecot asks for."""

    url: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    good: dict[str, str] = field(default_factory=dict)
    refresh: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    answers: int = 200
    count: int = 0

    def agree(self, address: str, user: str = USER) -> dict[str, str]:
        """Let the person at the address they were sent to agree; return what they come back with."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["code_challenge_method"] == "S256"
        self.codes["code-1"] = query["code_challenge"]
        self.refresh["refresh-0"] = user
        return {"code": "code-1", "state": query["state"]}

    def token(self, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(fields)
        if self.answers != 200:
            return self.answers, {"error": "temporarily_unavailable"}
        if fields.get("client_secret") != "client-secret":
            return 401, {"error": "invalid_client"}
        if fields["grant_type"] == "authorization_code":
            verifier = hashlib.sha256(fields["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
            if self.codes.pop(fields["code"], None) != challenge:
                return 400, {"error": "invalid_grant"}
            return 200, self._tokens("refresh-0")
        if fields["refresh_token"] not in self.refresh:
            return 400, {"error": "invalid_grant", "error_description": "AADSTS700082: the token has expired"}
        return 200, self._tokens(fields["refresh_token"])

    def _tokens(self, old: str) -> dict[str, Any]:
        """Give a new pair; as Microsoft does, the refresh token is another one each time."""
        self.count += 1
        user = self.refresh.pop(old)
        access, fresh = f"access-{self.count}", f"refresh-{self.count}"
        self.good[access], self.refresh[fresh] = user, user
        return {"access_token": access, "refresh_token": fresh, "expires_in": 3600, "token_type": "Bearer"}


@contextlib.contextmanager
def sign_in_server() -> Iterator[SignInServer]:
    """Run such a server on the loopback."""
    provider = SignInServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(*provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def do_GET(self) -> None:
            """Dovecot's question: whose token is this?"""
            token = parse_qs(urlsplit(self.path).query).get("token", [""])[0]
            user = provider.good.get(token)
            self._say(200 if user else 401, {"username": user} if user else {"error": "invalid_token"})

        def _say(self, status: int, answer: dict[str, Any]) -> None:
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()

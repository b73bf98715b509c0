"""What an attacker does, step by step, through the doors everybody has; and what they see in the end."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core import mail as post
from django.test import Client

from tests.cast import Cast
from tests.mails import mail
from tests.tickets.channels.phone.told import incoming, send
from tickets.channels.chat import conversation, frames
from tickets.channels.chat import session as chats
from tickets.channels.email.inbound import mailroom
from tickets.clock import database_now
from tickets.delivery import outbox
from tickets.intake import receive
from tickets.models import Channel, ChatSession, Ticket

SECRET = "zqsecret"
EVIL, OWNER = "evil@attacker.example", "owner@victim.example"
NUMBER = "+33612345678"
LEGAL = "office@legal.example"
# Steps of somebody with an address of their own (mine) who types that of the owner too (theirs).
ORDERS = {
    "mine, a word, theirs": ("introduce mine", "say", "introduce theirs", "owner writes"),
    "theirs, a word, mine": ("introduce theirs", "say", "introduce mine", "owner writes"),
    "a word, mine, theirs": ("say", "introduce mine", "introduce theirs", "owner writes"),
    "a word, theirs, mine": ("say", "introduce theirs", "introduce mine", "owner writes"),
    "both before a word": ("introduce mine", "introduce theirs", "say", "owner writes"),
    "theirs, mail, mine": ("introduce theirs", "say", "owner writes", "introduce mine"),
    "mine, mail, theirs": ("introduce mine", "say", "owner writes", "introduce theirs"),
    "mail first": ("owner writes", "introduce mine", "say", "introduce theirs"),
    "mail first, theirs first": ("owner writes", "introduce theirs", "say", "introduce mine"),
    "mine, theirs, mine": ("introduce mine", "say", "introduce theirs", "introduce mine", "owner writes"),
    "theirs in another chat": ("introduce mine", "say", "another chat", "introduce theirs", "say",
                               "owner writes"),
    "mine in another chat": ("introduce theirs", "say", "another chat", "introduce mine", "say",
                             "introduce theirs", "owner writes"),
    "then the form in their name": ("introduce mine", "say", "introduce theirs", "form theirs",
                                    "owner writes"),
    "the form in their name first": ("form theirs", "introduce theirs", "say", "introduce mine",
                                     "owner writes"),
    "their form, my mail": ("introduce theirs", "say", "introduce mine", "mail mine", "owner writes"),
    "their name, my wish": ("introduce theirs", "say", "wish mine", "introduce mine", "owner writes"),
}  # fmt: skip
_calls = itertools.count(1)


@dataclass
class Visitor:
    """Somebody at a chat window, who sends frames as a window does."""

    session: ChatSession

    def sends(self, **frame: Any) -> None:
        read = frames.parse_frame(json.dumps(frame))
        now = database_now()
        if isinstance(read, frames.Say):
            conversation.receive_message(self.session.pk, read.client_id, read.text, now=now)
        elif isinstance(read, frames.Introduce):
            self.session.refresh_from_db()
            chats.save_introduction(self.session, name=read.name, email=read.email, now=now)

    def introduces(self, email: str, name: str = "") -> None:
        self.sends(type="introduce", name=name, email=email)

    def says(self, text: str) -> None:
        self.sends(type="say", client_id=str(uuid4()), text=text)

    @property
    def sees(self) -> str:
        return json.dumps(
            conversation.load_news(self.session.pk, conversation="", after=0, now=database_now()).frame
        )


@dataclass
class Attack:
    """One installation under attack; time goes on by itself."""

    cast: Cast

    def chat(self) -> Visitor:
        opened = chats.open_session(self.cast.chat, origin="", page="", language="en", now=database_now())
        return Visitor(opened[0])

    def mail(self, sender: str, text: str, *, to: str = "support@demo.example", **headers: str) -> Ticket:
        raw, mailbox = mail(sender, text, to=to, **headers), to.partition(",")[0]
        row, _new = mailroom.accept(raw, recipients=[mailbox], now=database_now())
        outcome = receive.process(row.pk, now=database_now())
        assert outcome.ticket is not None, outcome
        return outcome.ticket

    def form(self, email: str, text: str = "Hello.") -> None:
        fields = {"email": email, "subject": "Hello", "text": text, "about": self.cast.web.key}
        assert Client().post("/request/", fields).status_code == 302

    def wish(self, number: str, email: str = "") -> None:
        page = Client().get("/callback/").content.decode()
        (window, *_others) = re.findall(r'name="window"[^>]*value="([^"]+)"', page)
        fields = {"number": number, "email": email, "text": "Call me", "window": window}
        assert Client().post("/callback/", fields).status_code == 302

    def call(self, number: str, phone: Channel | None = None) -> None:
        event = incoming("call.missed", number=number, call_id=f"attack-{next(_calls)}")
        assert send(phone or self.cast.phone, event).status_code == 200

    def owner_writes(self) -> None:
        """Let the owner of the other address write to the hidden queue."""
        self.mail(OWNER, f"This is {SECRET}.", to=LEGAL, subject=f"About {SECRET}")

    def plays(self, steps: Iterable[str]) -> Visitor:
        """Do what a visitor may do, step by step; return the last chat."""
        chat = self.chat()
        for step in steps:
            match step:
                case "another chat":
                    chat = self.chat()
                case "introduce mine":
                    chat.introduces(EVIL, "Eve")
                case "introduce theirs":
                    chat.introduces(OWNER, "Owner")
                case "say":
                    chat.says("Hello?")
                case "form theirs":
                    self.form(OWNER)
                case "mail mine":
                    self.mail(EVIL, "Me again.")
                case "wish mine":
                    self.wish("+33 6 11 22 33 44", EVIL)
                case "owner writes":
                    self.owner_writes()
        return chat

    def what_a_link_shows(self, address: str) -> str:
        """Ask for the link to all requests, and return all that it opens; nothing where none is mailed."""
        client = Client()
        before = len(post.outbox)
        client.post("/requests/", {"email": address})
        outbox.deliver_due(now=database_now() + timedelta(seconds=60))
        letters = [m for m in post.outbox[before:] if address in m.to]
        links = [found[0] for m in letters if (found := re.search(r"/requests/enter/[\w-]+/", str(m.body)))]
        if not links:
            return ""
        client.get(links[-1])
        listed = client.post("/requests/open/", follow=True).content.decode()
        pages = {*re.findall(r"/requests/[a-z0-9]{14}/", listed)}
        return listed + "".join(client.get(page).content.decode() for page in sorted(pages))

    def at_work(self, name: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(getattr(self.cast, name))
        return client

    def what_a_ticket_shows(self, name: str, number: int) -> str:
        """Return a ticket's page and card as somebody at work sees them."""
        client = self.at_work(name)
        pages = [client.get(f"/admin/desk/{number}/{page}") for page in ("", "card/")]
        assert [page.status_code for page in pages] == [200, 200]
        return "".join(page.content.decode() for page in pages)

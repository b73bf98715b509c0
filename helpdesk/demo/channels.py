"""How the demonstration's customers reach the shop: through each channel's own adapter and the one door in."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage, Message
from email.utils import format_datetime
from random import Random
from typing import Any
from uuid import UUID

from helpdesk.demo.stories import Story
from tickets.channels.chat import conversation, departures, session
from tickets.channels.email.inbound import mailroom
from tickets.channels.phone.payloads import typed
from tickets.channels.phone.report import CallReport, Told
from tickets.channels.web.adapter import build_document
from tickets.customers.phone_numbers import format_number
from tickets.intake import receive
from tickets.models import Channel, ChatSession, Customer, Outbound, Ticket
from tickets.platform import placeholders

SITE = "https://shop.demo.example"


@dataclass
class Telling:
    """One story that is being played for one customer."""

    story: Story
    customer: Customer
    values: dict[str, str]
    number: int
    random: Random
    ticket: Ticket | None = None
    agent: Any = None
    chat: ChatSession | None = None
    keys: int = field(default=0)

    def fill(self, text: str) -> str:
        return placeholders.fill_placeholders(text, self.values)

    def next_key(self) -> str:
        """Return a key that no other message of the demonstration has."""
        self.keys += 1
        return f"demo-{self.number}-{self.keys}"


def send_form(channel: Channel, telling: Telling, text: str, *, at: datetime) -> receive.Outcome:
    """Send the web form; a second message is sent from the request's page."""
    form: dict[str, Any] = {
        "email": telling.customer.email,
        "name": telling.customer.name,
        "subject": telling.fill(telling.story.subject),
        "text": text,
        "language": telling.story.language,
    }
    if telling.ticket is not None:
        form["participant"] = {"customer": telling.ticket.customer_id, "ticket": telling.ticket.pk}
    return receive.receive(channel, build_document(form), source_key=telling.next_key(), now=at)


def send_mail(channel: Channel, telling: Telling, text: str, *, at: datetime) -> receive.Outcome:
    """Write a mail; a second one answers ours, as mail programs do."""
    mail = make_mail(telling.customer.name, telling.customer.email, channel.address, at=at)
    mail["Subject"] = telling.fill(telling.story.subject)
    mail["Message-ID"] = f"<{telling.next_key()}@{telling.customer.email.partition('@')[2]}>"
    if telling.ticket is not None:
        set_reply_headers(mail, telling.ticket)
    mail.set_content(text)
    if telling.story.photo and telling.ticket is None:
        mail.add_attachment(
            make_picture(telling.number), "image", "png", filename=telling.fill(telling.story.photo)
        )
    return receive_mail(mail, channel, at=at)


def make_mail(name: str, address: str, to: str, *, at: datetime) -> EmailMessage:
    """Return a mail with its sender, recipient and date."""
    mail = EmailMessage()
    mail["From"] = f"{name} <{address}>"
    mail["To"] = to
    mail["Date"] = format_datetime(at)
    return mail


def set_reply_headers(mail: EmailMessage, ticket: Ticket) -> None:
    """Make a mail a reply to the ticket's last reply, if there is one."""
    last = ticket.outbounds.filter(kind=Outbound.Kind.REPLY).order_by("-id").first()
    if last is not None:
        mail["In-Reply-To"] = last.mail_id


def receive_mail(mail: Message, channel: Channel, *, at: datetime) -> receive.Outcome:
    """Hand a mail to the mailroom, as the SMTP listener does, and read it."""
    row, _is_new = mailroom.accept(
        mail.as_bytes(), recipients=[channel.address], now=at, envelope={"demo": True}
    )
    return receive.process(row.pk, now=at)


def send_chat_message(channel: Channel, telling: Telling, text: str, *, at: datetime) -> receive.Outcome:
    """Write in the widget; the shop has recognised the visitor as a customer of theirs."""
    if telling.chat is None:
        page = f"{SITE}/{telling.story.language}/"
        telling.chat, _token = session.open_session(
            channel, origin=SITE, page=page, language=telling.story.language, now=at
        )
        telling.customer.identities.create(
            kind="visitor",
            value=telling.chat.public_id,
            created_at=at,
            verified_at=at,
            verified_how="channel",
        )
    session.mark_connected([telling.chat.pk], now=at)
    return conversation.receive_message(
        telling.chat.pk, UUID(int=telling.random.getrandbits(128)), text, now=at
    )


def mark_chat_read(telling: Telling, *, at: datetime) -> None:
    """Mark the chat's messages as read by the visitor."""
    if telling.chat is not None and telling.ticket is not None:
        telling.ticket.refresh_from_db()
        session.mark_seen(telling.chat, telling.ticket.last_seq, now=at)


def close_chat(telling: Telling, *, at: datetime) -> None:
    """End the chat from the visitor's side."""
    if telling.chat is not None:
        telling.chat.refresh_from_db()
        departures.end_chat(telling.chat, now=at)


def hold_call(
    channel: Channel, telling: Telling, note: str, *, at: datetime, is_ours: bool = False
) -> tuple[receive.Outcome, datetime]:
    """Play a call that an agent logs. Return the outcome, and when the call ended."""
    ends = at + timedelta(seconds=telling.random.randint(95, 520))
    key = telling.next_key()
    call = Told(
        news="answered", at=ends, order=ends.timestamp(), started_at=at, ended_at=ends,
        answered_at=at + timedelta(seconds=telling.random.randint(6, 40)), agent=telling.agent.email,
    )  # fmt: skip
    report = CallReport(
        call_id=f"typed-{key}",
        told=call,
        direction="out" if is_ours else "in",
        number=telling.customer.phone,
        note=note,
        customer_id=telling.customer.pk,
        ticket_id=telling.ticket.pk if telling.ticket else None,
        opens_new=telling.ticket is None,
    )
    envelope = {"format": typed.FORMAT, "demo": True}
    raw = typed.document(report)
    return receive.receive(channel, raw, source_key=key, now=ends, envelope=envelope), ends


def report_missed_call(
    channel: Channel, number: str, *, at: datetime, key: str, transcript: str = ""
) -> receive.Outcome:
    """Report a missed call, as a provider's webhook does."""
    ends = at + timedelta(seconds=52 if transcript else 24)
    document = {
        "event": "call",
        "call_id": key,
        "direction": "inbound",
        "from": format_number(number) if not number.startswith("+") else number,
        "to": "+33199001234",
        "result": "voicemail" if transcript else "missed",
        "started_at": at.isoformat(),
        "ended_at": ends.isoformat(),
        "transcript": transcript,
    }
    return receive.receive(
        channel,
        json.dumps(document).encode(),
        source_key=key,
        now=ends,
        envelope={"format": "generic", "demo": True},
    )


def make_picture(number: int) -> bytes:
    """Return a small PNG (320 × 240): a board of wood with a scratch, its place taken from `number`."""
    across = 60 + number * 37 % 200
    lines = (
        b"\0" + b"".join(_colour(x, y, across) for x in range(320))
        for y in range(240)
    )  # fmt: skip
    size = struct.pack(">IIBBBBB", 320, 240, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(lines), 6)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", size) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _colour(x: int, y: int, across: int) -> bytes:
    if abs(x - across - y // 3) < 2 and 60 < y < 190:
        return b"\xee\xde\xc4"
    grain = (x * 7 + (y // 3) * 13) % 23 - 11
    return bytes((164 + grain, 118 + grain, 74 + grain // 2))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

"""The format of a parsed mail between the sandbox and its caller: JSON, followed by the attachments.

Pickle is not used, because a process that parsed hostile input must not be able to run code here.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from dataclasses import fields
from datetime import datetime
from typing import Any

from tickets.channels.email.parsing import (
    Attachment,
    Envelope,
    Invitation,
    Notice,
    ParsedMail,
    Recipient,
    Report,
)

REQUEST = struct.Struct("!cdQ")  # command, time limit in seconds, length of the input
ANSWER = struct.Struct("!c?QQ")  # status, whether the process ends now, length of JSON, of attachments
PLAIN = tuple(
    field.name
    for field in fields(ParsedMail)
    if field.name not in {"date", "attachments", "report", "notice", "envelope", "names", "invitations"}
)


def pack(mail: ParsedMail) -> tuple[bytes, list[bytes]]:
    """Return a mail as JSON, and the content of its attachments in order."""
    value: dict[str, Any] = {name: getattr(mail, name) for name in PLAIN}
    value["names"] = mail.names
    value["date"] = mail.date.isoformat() if mail.date else None
    value["invitations"] = [_fields(one) for one in mail.invitations]
    value["envelope"] = _fields(mail.envelope)
    if mail.report is not None:
        recipients = [_fields(recipient) for recipient in mail.report.recipients]
        value["report"] = {**_fields(mail.report), "recipients": recipients}
    if mail.notice is not None:
        value["notice"] = _fields(mail.notice)
    value["attachments"] = [
        [one.filename, one.content_type, one.content_id, one.inline, one.size] for one in mail.attachments
    ]
    return json.dumps(value).encode(), [one.content for one in mail.attachments]


def unpack(data: bytes, contents: memoryview) -> ParsedMail:
    """Return the mail that `pack` wrote; `contents` has all attachments, one after the other."""
    value = json.loads(data)
    report, notice = value.pop("report", None), value.pop("notice", None)
    attachments = []
    position = 0
    for filename, content_type, content_id, inline, size in value.pop("attachments"):
        content = bytes(contents[position : position + size])
        attachments.append(Attachment(filename, content_type, content, content_id, inline))
        position += size
    date = value.pop("date")
    return ParsedMail(
        date=datetime.fromisoformat(date) if date else None,
        names=tuple((address, name) for address, name in value.pop("names")),
        envelope=Envelope(**_frozen(value.pop("envelope"))),
        invitations=tuple(Invitation(**one) for one in value.pop("invitations")),
        report=_report(report) if report else None,
        notice=Notice(**_frozen(notice)) if notice else None,
        attachments=tuple(attachments),
        **_frozen(value),
    )


def receive(connection: socket.socket, length: int, deadline: float | None = None) -> bytearray:
    """Return `length` bytes from a socket, or fewer if the other end has closed it.

    Raises:
        TimeoutError: `deadline`, a value of the monotonic clock, has passed.
    """
    data = bytearray(length)
    view, position = memoryview(data), 0
    while position < length:
        if deadline is not None:
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
        count = connection.recv_into(view[position:])
        if not count:
            return data[:position]
        position += count
    return data


def _report(value: dict[str, Any]) -> Report:
    recipients = tuple(Recipient(**recipient) for recipient in value.pop("recipients"))
    return Report(recipients=recipients, **_frozen(value))


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _frozen(value: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(item) if isinstance(item, list) else item for name, item in value.items()}

"""What a parsed mail is: one frozen value, and its form for other people's tools."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tickets.channels.email.parsing.appointments.calendars import Invitation
from tickets.channels.email.parsing.attachments import Attachment
from tickets.channels.email.parsing.bounces import Report
from tickets.channels.email.parsing.notices.notice import Notice


@dataclass(frozen=True, slots=True)
class Envelope:
    """Header fields of transport, as they came; who delivered the mail decides whether to believe them."""

    delivered_to: tuple[str, ...] = ()
    original_to: tuple[str, ...] = ()  # X-Original-To, Envelope-To, X-Envelope-To
    return_path: str | None = None  # "" is the empty path of a report, None a missing field
    sender: str = ""
    authors: int = 1  # how many addresses the From fields name
    is_plain: bool = True  # there is one From field, which names one address as it is
    original_from: str = ""  # X-Original-From, set by groups that replace the From
    original_sender: str = ""  # X-Original-Sender, the same
    list_addresses: tuple[str, ...] = ()  # to which a list's own headers say that people write
    is_by_program: bool = False  # a script of a web site sent it, by what it writes of itself
    authentication_results: tuple[str, ...] = ()
    auto_submitted: str = ""
    loop: str = ""  # our own loop header
    list_id: str = ""
    received_count: int = 0
    calendar_method: str = ""


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail, read. Texts hold neither NUL nor lone surrogates; ids are bare, without "<>"."""

    subject: str = ""
    from_addr: str = ""
    from_name: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()  # address, name of those beside From who have a name
    date: datetime | None = None  # UTC
    text: str = ""
    html: str = ""  # safe to show in a sandboxed frame
    original_html: str = ""
    sanitiser_version: str = ""
    remote_images: int = 0
    reply_text: str = ""
    attachments: tuple[Attachment, ...] = ()
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    is_auto: bool = False
    auto_reason: str = ""
    wants_no_answer: bool = False  # by software: it asks for none, or a machine wrote it
    is_bounce: bool = False
    is_vacation: bool = False
    is_list: bool = False
    report: Report | None = None
    notice: Notice | None = None  # a machine's word that nobody has to answer
    envelope: Envelope = Envelope()
    protection: str = ""  # "signed" (not verified), "encrypted" or ""
    invitations: tuple[Invitation, ...] = ()
    language: str = ""  # "en", "fr" or "" when unsure
    defects: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the documented form, for JSON."""
        return {
            "subject": self.subject,
            "from_addr": self.from_addr,
            "from_name": self.from_name,
            "to": list(self.to),
            "cc": list(self.cc),
            "reply_to": list(self.reply_to),
            "date": self.date.isoformat() if self.date else None,
            "text": self.text,
            "html": self.html,
            "reply_text": self.reply_text,
            "attachments": [
                {
                    "filename": attachment.filename,
                    "content_type": attachment.content_type,
                    "size": attachment.size,
                    "content_id": attachment.content_id,
                    "inline": attachment.inline,
                }
                for attachment in self.attachments
            ],
            "message_id": self.message_id,
            "in_reply_to": list(self.in_reply_to),
            "references": list(self.references),
            "is_auto": self.is_auto,
            "auto_reason": self.auto_reason,
            "is_bounce": self.is_bounce,
            "defects": list(self.defects),
        }

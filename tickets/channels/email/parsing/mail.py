"""The parsed mail: a frozen value, and its JSON form."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tickets.channels.email.parsing.appointments.calendars import Invitation
from tickets.channels.email.parsing.attachments import Attachment
from tickets.channels.email.parsing.bounces import Report
from tickets.channels.email.parsing.notices.notice import Notice


@dataclass(frozen=True, slots=True)
class Envelope:
    """The header fields written by servers, unverified: whether to trust them depends on who delivered it."""

    delivered_to: tuple[str, ...] = ()
    original_to: tuple[str, ...] = ()  # X-Original-To, Envelope-To, X-Envelope-To
    return_path: str | None = None  # "" is the empty path of a report, None means that the field is missing
    sender: str = ""
    authors: int = 1  # the number of addresses in the From fields
    is_plain: bool = True  # exactly one From field with one address, written exactly
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
    """A parsed mail. Texts have no NUL or unpaired surrogates; ids have no angle brackets."""

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
        """Return the documented form, with values for JSON."""
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

"""Parse the raw bytes of a mail. Pure functions without Django; they use nh3 and charset-normalizer."""

from tickets.channels.email.parsing.appointments.calendars import Invitation
from tickets.channels.email.parsing.attachments import Attachment
from tickets.channels.email.parsing.bounces import Recipient, Report
from tickets.channels.email.parsing.digests import Identity, identify
from tickets.channels.email.parsing.html.sanitise import VERSION as SANITISER_VERSION
from tickets.channels.email.parsing.html.sanitise import HtmlRefused, sanitise
from tickets.channels.email.parsing.mail import Envelope, ParsedMail
from tickets.channels.email.parsing.notices.notice import Notice
from tickets.channels.email.parsing.parse import parse_email

__all__ = [
    "SANITISER_VERSION",
    "Attachment",
    "Envelope",
    "HtmlRefused",
    "Identity",
    "Invitation",
    "Notice",
    "ParsedMail",
    "Recipient",
    "Report",
    "identify",
    "parse_email",
    "sanitise",
]

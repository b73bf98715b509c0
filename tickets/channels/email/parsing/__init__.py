"""From the raw bytes of a mail to what it says. Pure: no Django, only nh3 and charset-normalizer."""

from .attachments import Attachment
from .bounces import Recipient, Report
from .calendars import Invitation
from .digests import Identity, identify
from .mail import Envelope, ParsedMail
from .parse import parse_email
from .sanitise import VERSION as SANITISER_VERSION
from .sanitise import HtmlRefused, sanitise

__all__ = [
    "SANITISER_VERSION",
    "Attachment",
    "Envelope",
    "HtmlRefused",
    "Identity",
    "Invitation",
    "ParsedMail",
    "Recipient",
    "Report",
    "identify",
    "parse_email",
    "sanitise",
]

"""A customer's mail that a colleague forwards to a mailbox: the ticket is the customer's.

This needs a colleague's address, a DMARC pass from our own mail server, and a certain original sender.
Otherwise the mail stays the colleague's, and the desk asks who the sender is. The original sender's address
is a claim, since only the colleague's mail names it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from tickets.channels.base import Forwarding, InboundFile, InboundMessage, Sender
from tickets.channels.email.inbound import senders
from tickets.channels.email.inbound.colleagues import find_colleagues
from tickets.channels.email.inbound.details import MailDetails, details_of
from tickets.channels.email.parsing import Attachment, ParsedMail
from tickets.channels.email.parsing.language import guess_language
from tickets.channels.email.parsing.parse import ANSWER
from tickets.channels.email.reading.sandbox import SandboxError, parse_in_sandbox
from tickets.channels.email.reply import extract_new_text
from tickets.channels.email.reply.forwarded import (
    ADDRESS,
    FORWARD_SUBJECT,
    OldMail,
    announces_forward,
    find_old_mails,
    split_forward,
    strip_forward_prefix,
)
from tickets.customers.mail_addresses import normalise_email
from tickets.delivery import auto_mail
from tickets.models import Inbound
from tickets.models.channels.company_mailboxes import normalise_mailbox

ATTACHED = ("message/rfc822", "message/global")
MAX_ATTACHED = 3
MAX_CHOICES = 3
SEARCHED = 20_000  # characters of a text that are searched for addresses
OWN_WORDS = 2_000  # characters: with a longer text of its own, a mail with an attached mail is no forward


@dataclass(frozen=True, slots=True)
class Original:
    """A possible original sender of a forwarded mail, and where the original's text is.

    It begins at the character `starts` of the forward's text, or is in `text` if the mail was attached. The
    forwarder's own lines end at `ends`. `sent` is the date as the forward writes it.
    """

    address: str
    name: str = ""
    sent: str = ""
    ends: int | None = None
    starts: int | None = None
    is_quoted: bool = False
    subject: str = ""
    text: str = ""


def may_be_forward(parsed: ParsedMail) -> bool:
    """Tell, without a query, whether a mail may contain a forwarded mail."""
    if parsed.is_auto or parsed.is_bounce or ANSWER.match(parsed.subject):
        return False
    if FORWARD_SUBJECT.match(parsed.subject) or any(_is_mail(file) for file in parsed.attachments):
        return True
    if not announces_forward(parsed.text[:SEARCHED]):
        return False
    return any(old.is_announced for old in find_old_mails(parsed.text))


def read_forward(
    message: InboundMessage, parsed: ParsedMail, inbound: Inbound, verdict: str
) -> InboundMessage:
    """Return the original sender's message if a colleague forwarded it, else `message`.

    If the original sender is uncertain, `message` gets a question for an agent (`facts`, "asked_sender").
    `verdict` is our mail server's DMARC result.
    """
    sender = message.sender.value
    colleague = find_colleagues([sender]).get(sender)
    if message.refusal or colleague is None or details_of(message).agent is not None:
        return message
    by = {"user": colleague.pk, "name": str(colleague)[:120]}
    is_proved = verdict == "pass" and message.sender.is_verified
    original = _read_attached_original(message, parsed, inbound, by)
    original = original or _read_inline_original(message, parsed, inbound, by)
    if original is not None and is_proved:
        return original
    choices = [asdict(candidate) for candidate in _find_candidates(parsed, inbound)]
    if not choices:
        return replace(message, wants_acknowledgement=False)
    facts = {"asked_sender": {"by": {**by, "is_proved": is_proved}, "of": choices}}
    return replace(message, wants_acknowledgement=False, facts={**message.facts, **facts})


def _is_mail(file: Attachment) -> bool:
    return file.content_type in ATTACHED or file.filename.lower().endswith(".eml")


def _read_inline_original(
    message: InboundMessage, parsed: ParsedMail, inbound: Inbound, by: dict[str, Any]
) -> InboundMessage | None:
    """Return the message of the original quoted in a forward's text; None if its sender is uncertain."""
    old = next(iter(find_old_mails(parsed.text)), None)
    if old is None or not (old.is_announced or FORWARD_SUBJECT.match(parsed.subject)):
        return None
    address = _find_sender_address(old, inbound.own_mailboxes)
    if not address or find_colleagues([address]):
        return None
    lines, words = split_forward(parsed.text, old)
    return replace(
        _as_original(message, Sender("email", address, name=old.name, display=address), by, lines),
        subject=old.subject or strip_forward_prefix(parsed.subject),
        text=words,
        reply_text=extract_new_text(words),
        language=guess_language(words),
        facts=_build_facts(message, by, sent=old.sent),
    )


def _read_attached_original(
    message: InboundMessage, parsed: ParsedMail, inbound: Inbound, by: dict[str, Any]
) -> InboundMessage | None:
    """Return the message of the only attached mail; None if there are several or it cannot be read."""
    mails = [file for file in parsed.attachments if _is_mail(file)]
    if len(mails) != 1 or len(parsed.text) > OWN_WORDS or parsed.in_reply_to:
        return None
    inner = _parse_attached_mail(mails[0].content)
    if inner is None:
        return None
    sender = senders.read_sender(inner, inbound.channel, inbound.own_mailboxes)
    if not _is_outside_address(sender.address, inbound.own_mailboxes) or find_colleagues([sender.address]):
        return None
    others = [file for file in parsed.attachments if file is not mails[0]]
    claimant = Sender("email", sender.address, name=sender.name, display=sender.address)
    return replace(
        _as_original(message, claimant, by, parsed.text.strip()),
        subject=inner.subject or strip_forward_prefix(parsed.subject),
        text=inner.text,
        reply_text=inner.reply_text,
        html=inner.original_html,
        html_safe=inner.html,
        sanitiser=inner.sanitiser_version,
        language=inner.language,
        files=[
            *(
                InboundFile(f.filename, f.content_type, f.content, f.content_id, f.inline)
                for f in inner.attachments
            ),
            *(InboundFile(f.filename, f.content_type, f.content, is_for_note=True) for f in others),
        ],
        facts=_build_facts(message, by, sent=inner.date.isoformat() if inner.date else ""),
    )


def _as_original(message: InboundMessage, sender: Sender, by: dict[str, Any], lines: str) -> InboundMessage:
    """Return the message with its original sender and empty details.

    The mails to which the forward refers are the colleague's, so they must not decide the ticket; nor is the
    address at which the colleague wants answers the original sender's.
    """
    return replace(
        message,
        sender=sender,
        html="",
        html_safe="",
        sanitiser="",
        copied=(),
        answer_at="",
        is_genuine=False,
        wants_acknowledgement=False,
        forwarding=Forwarding(by["user"], lines),
        details=MailDetails(),
    )


def _build_facts(message: InboundMessage, by: dict[str, Any], *, sent: str) -> dict[str, Any]:
    left = {key: message.facts[key] for key in ("defects", "dmarc", "sent_at") if key in message.facts}
    return {**left, "forwarded_by": by, "sent_as_written": sent}


def _find_sender_address(old: OldMail, own: Collection[str]) -> str:
    """Return the sender's address of a forwarded mail, or its Reply-To if nobody reads the sender's."""
    if _is_outside_address(old.address, own) and auto_mail.is_read_by_person(old.address):
        return old.address
    if (old.address or old.reply_to) and _is_outside_address(old.reply_to, own):
        return old.reply_to
    return old.address if _is_outside_address(old.address, own) else ""


def _is_outside_address(address: str, own: Collection[str]) -> bool:
    return bool(normalise_email(address)) and normalise_mailbox(address) not in own


def _find_candidates(parsed: ParsedMail, inbound: Inbound) -> list[Original]:
    """Return the possible original senders, most likely first: in headers, attached mails, the text."""
    by_address: dict[str, Original] = {}
    found = [*_find_in_headers(parsed, inbound), *_find_in_files(parsed, inbound), *_find_in_text(parsed)]
    for original in found:
        if _is_outside_address(original.address, inbound.own_mailboxes):
            by_address.setdefault(original.address, original)
    colleagues = find_colleagues(list(by_address)) if by_address else {}
    return [original for address, original in by_address.items() if address not in colleagues][:MAX_CHOICES]


def _find_in_headers(parsed: ParsedMail, inbound: Inbound) -> Iterator[Original]:
    for old in find_old_mails(parsed.text):
        address = _find_sender_address(old, inbound.own_mailboxes)
        subject = old.subject or strip_forward_prefix(parsed.subject)
        yield Original(address, old.name, old.sent, old.ends, old.starts, old.is_quoted, subject)


def _find_in_files(parsed: ParsedMail, inbound: Inbound) -> Iterator[Original]:
    mails = [file for file in parsed.attachments if _is_mail(file)]
    for file in mails[:MAX_ATTACHED]:
        if (inner := _parse_attached_mail(file.content)) is not None:
            sender = senders.read_sender(inner, inbound.channel, inbound.own_mailboxes)
            sent = inner.date.isoformat() if inner.date else ""
            yield Original(
                sender.address, sender.name, sent, subject=inner.subject, text=inner.text[:SEARCHED]
            )


def _find_in_text(parsed: ParsedMail) -> Iterator[Original]:
    """Yield the addresses in the text of a forward whose quoted header has none, as in a signature."""
    old = next(iter(find_old_mails(parsed.text)), None)
    if old is None or old.address:
        return
    for found in ADDRESS.findall(parsed.text[:SEARCHED]):
        address = normalise_email(found.strip("'.").removeprefix("mailto:"))
        subject = old.subject or strip_forward_prefix(parsed.subject)
        yield Original(address, old.name, old.sent, old.ends, old.starts, old.is_quoted, subject)


def _parse_attached_mail(raw: bytes) -> ParsedMail | None:
    """Parse an attached mail; return None if it cannot be parsed."""
    try:
        return parse_in_sandbox(raw)
    except SandboxError:
        return None

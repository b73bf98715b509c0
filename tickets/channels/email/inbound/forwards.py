"""A customer's mail that one of us sends on to a mailbox: the ticket is the customer's, not the colleague's.

It takes a colleague's address and our own mail server's word (DMARC) that the mail is theirs, and an original
that can be told for sure. Otherwise the mail stays its sender's, and the desk asks whose it is. What a
colleague's mail says of its original is a claim.
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
    bare_subject,
    find_old_mails,
    names_forward,
    split_forward,
)
from tickets.customers.mail_addresses import normalise_email
from tickets.delivery import auto_mail
from tickets.models import Inbound
from tickets.models.channels.company_mailboxes import normalise_mailbox

ATTACHED = ("message/rfc822", "message/global")
ATTACHED_READ = 3
MOST_ASKED = 3
SEARCHED = 20_000  # characters of a text in which addresses are looked for
OWN_WORDS = 2_000  # characters beside an attached mail; a longer text is a letter with a mail added to it


@dataclass(frozen=True, slots=True)
class Original:
    """Whose mail a forward may hold. Its words stand in the forward's text from `starts` on, or in `text`.

    `ends` is where the forwarder's lines end; `sent` is the date as the forward has it.
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
    """Tell, without asking the database, whether a mail may hold another one that was sent on."""
    if parsed.is_auto or parsed.is_bounce or ANSWER.match(parsed.subject):
        return False
    if FORWARD_SUBJECT.match(parsed.subject) or any(_is_mail(file) for file in parsed.attachments):
        return True
    if not names_forward(parsed.text[:SEARCHED]):
        return False
    return any(old.is_announced for old in find_old_mails(parsed.text))


def read_forward(
    message: InboundMessage, parsed: ParsedMail, inbound: Inbound, verdict: str
) -> InboundMessage:
    """Return the message of whom a colleague's forward is from; `message` itself for anybody else's."""
    sender = message.sender.value
    colleague = find_colleagues([sender]).get(sender)
    if message.refusal or colleague is None or details_of(message).agent is not None:
        return message
    by = {"user": colleague.pk, "name": str(colleague)[:120]}
    is_proved = verdict == "pass" and message.sender.is_verified
    found = _attached(message, parsed, inbound, by) or _inline(message, parsed, inbound, by)
    if found is not None and is_proved:
        return found
    asked = _candidates(parsed, inbound)
    if not asked:
        return replace(message, wants_acknowledgement=False)
    facts = {"asked_sender": {"by": {**by, "is_proved": is_proved}, "of": [asdict(one) for one in asked]}}
    return replace(message, wants_acknowledgement=False, facts={**message.facts, **facts})


def _is_mail(file: Attachment) -> bool:
    return file.content_type in ATTACHED or file.filename.lower().endswith(".eml")


def _inline(
    message: InboundMessage, parsed: ParsedMail, inbound: Inbound, by: dict[str, Any]
) -> InboundMessage | None:
    """Return the original of a forward that holds one in its text; None where it cannot be told for sure."""
    old = next(iter(find_old_mails(parsed.text)), None)
    if old is None or not (old.is_announced or FORWARD_SUBJECT.match(parsed.subject)):
        return None
    address = _sender_of(old, inbound.own_mailboxes)
    if not address or find_colleagues([address]):
        return None
    lines, words = split_forward(parsed.text, old)
    return replace(
        _as_original(message, Sender("email", address, name=old.name, display=address), by, lines),
        subject=old.subject or bare_subject(parsed.subject),
        text=words,
        reply_text=extract_new_text(words),
        language=guess_language(words),
        facts=_facts(message, by, sent=old.sent),
    )


def _attached(
    message: InboundMessage, parsed: ParsedMail, inbound: Inbound, by: dict[str, Any]
) -> InboundMessage | None:
    """Return the one mail that was sent on as a file; None where there are several, or none to be read."""
    mails = [file for file in parsed.attachments if _is_mail(file)]
    if len(mails) != 1 or len(parsed.text) > OWN_WORDS or parsed.in_reply_to:
        return None
    inner = _read(mails[0].content)
    if inner is None:
        return None
    sender = senders.read_sender(inner, inbound.channel, inbound.own_mailboxes)
    if not _is_foreign(sender.address, inbound.own_mailboxes) or find_colleagues([sender.address]):
        return None
    others = [file for file in parsed.attachments if file is not mails[0]]
    said = Sender("email", sender.address, name=sender.name, display=sender.address)
    return replace(
        _as_original(message, said, by, parsed.text.strip()),
        subject=inner.subject or bare_subject(parsed.subject),
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
        facts=_facts(message, by, sent=inner.date.isoformat() if inner.date else ""),
    )


def _as_original(message: InboundMessage, sender: Sender, by: dict[str, Any], lines: str) -> InboundMessage:
    """Return a message as of its original sender. What the forward itself cites names no ticket of theirs.

    Nor is the forwarder's wish where to be answered theirs.
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


def _facts(message: InboundMessage, by: dict[str, Any], *, sent: str) -> dict[str, Any]:
    left = {key: message.facts[key] for key in ("defects", "dmarc", "sent_at") if key in message.facts}
    return {**left, "forwarded_by": by, "sent_as_written": sent}


def _sender_of(old: OldMail, own: Collection[str]) -> str:
    """Return whose mail is in a forward: its sender, or Reply-To for one whom nobody can answer."""
    if _is_foreign(old.address, own) and auto_mail.is_read_by_person(old.address):
        return old.address
    if (old.address or old.reply_to) and _is_foreign(old.reply_to, own):
        return old.reply_to
    return old.address if _is_foreign(old.address, own) else ""


def _is_foreign(address: str, own: Collection[str]) -> bool:
    return bool(normalise_email(address)) and normalise_mailbox(address) not in own


def _candidates(parsed: ParsedMail, inbound: Inbound) -> list[Original]:
    """Return whose mail it may be, the likeliest first: by copied headers, attached mails, then the text."""
    found: dict[str, Original] = {}
    for one in [*_from_headers(parsed, inbound), *_from_files(parsed, inbound), *_from_text(parsed)]:
        if _is_foreign(one.address, inbound.own_mailboxes):
            found.setdefault(one.address, one)
    ours = find_colleagues(list(found)) if found else {}
    return [one for address, one in found.items() if address not in ours][:MOST_ASKED]


def _from_headers(parsed: ParsedMail, inbound: Inbound) -> Iterator[Original]:
    for old in find_old_mails(parsed.text):
        address = _sender_of(old, inbound.own_mailboxes)
        subject = old.subject or bare_subject(parsed.subject)
        yield Original(address, old.name, old.sent, old.ends, old.starts, old.is_quoted, subject)


def _from_files(parsed: ParsedMail, inbound: Inbound) -> Iterator[Original]:
    mails = [file for file in parsed.attachments if _is_mail(file)]
    for file in mails[:ATTACHED_READ]:
        if (inner := _read(file.content)) is not None:
            sender = senders.read_sender(inner, inbound.channel, inbound.own_mailboxes)
            sent = inner.date.isoformat() if inner.date else ""
            yield Original(
                sender.address, sender.name, sent, subject=inner.subject, text=inner.text[:SEARCHED]
            )


def _from_text(parsed: ParsedMail) -> Iterator[Original]:
    """Yield the addresses that stand in a forward whose header names none, as in a signature."""
    old = next(iter(find_old_mails(parsed.text)), None)
    if old is None or old.address:
        return
    for found in ADDRESS.findall(parsed.text[:SEARCHED]):
        address = normalise_email(found.strip("'.").removeprefix("mailto:"))
        subject = old.subject or bare_subject(parsed.subject)
        yield Original(address, old.name, old.sent, old.ends, old.starts, old.is_quoted, subject)


def _read(raw: bytes) -> ParsedMail | None:
    """Read a mail that came as a file; None where that cannot be done."""
    try:
        return parse_in_sandbox(raw)
    except SandboxError:
        return None

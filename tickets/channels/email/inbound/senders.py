"""Whom a mail is from where its From does not say so: groups, "via", contact forms, addresses nobody reads.

What is read back is a claim: it is answered, and proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tickets.channels.email.parsing import ParsedMail
from tickets.customers.mail_addresses import normalise_email, normalise_sender
from tickets.delivery import auto_mail
from tickets.models import Channel
from tickets.models.channels.company_mailboxes import normalise_mailbox

# "'Dana Petit' via Support", as groups write a name over their own address.
VIA = re.compile(
    r"^(?P<name>.{1,150}?)\s+(?:via|par l['’]intermédiaire de|über|mediante|tramite|através de|przez)\s+\S",
    re.IGNORECASE,
)
# LISTSERV's and Mailman's own addresses for a sender whose domain forbids lists to write in its name.
MUNGED = re.compile(r"(?:-dmarc-request|\+dmarc|=[\w-]+(?:\.[\w-]+)+)@", re.IGNORECASE)
FORMS = re.compile(
    r"(?:wordpress|wp|www-?data|apache2?|nginx|httpd|nobody|drupal|joomla|typo3|prestashop|magento|shopify"
    r"|(?:web|contact|kontakt)?[-_.]?(?:forms?|formulaires?|formular)(?:[-_.]?(?:contact|mail(?:er)?|web))?"
    r"|formmail(?:er)?|(?:web)?site|web|website|mailer|php(?:mailer)?)",
    re.IGNORECASE,
)
ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class MailSender:
    """Who a mail is from: an address in lower case (or "") and a name.

    `read_from` says by what it was read where it is not the From: "list", "form" or "reply_to". `answer_at`
    is another address that this sender wants to be answered at, or "".
    """

    address: str
    name: str
    read_from: str = ""
    answer_at: str = ""


def read_sender(parsed: ParsedMail, channel: Channel, own: Collection[str]) -> MailSender:
    """Return whom a mail is from, as the mailbox's settings say; `own` are the addresses of our mailboxes."""
    written = MailSender(normalise_sender(parsed.from_addr), parsed.from_name)
    if parsed.is_bounce or parsed.envelope.loop:
        return written
    rewritten = _is_rewritten(parsed, written, own)
    if original := next(_originals(parsed, written, own), "") if rewritten else "":
        return MailSender(original, _name_of(original, parsed), "list")
    answer_at = next(_foreign(parsed.reply_to, parsed, written, own), "")
    read_from = _why_reply_to(parsed, channel, written.address, answer_at, own) if answer_at else ""
    if read_from == ALWAYS:
        return MailSender(written.address, written.name, answer_at=answer_at)
    return MailSender(answer_at, _name_of(answer_at, parsed), read_from) if read_from else written


def _why_reply_to(
    parsed: ParsedMail, channel: Channel, address: str, answer_at: str, own: Collection[str]
) -> str:
    """Return why the Reply-To is answered: a form wrote, nobody reads there, the mailbox wants it; or ""."""
    if normalise_mailbox(address) in own or channel.is_form_sender(address):
        return "form"
    if channel.answers_reply_to == Channel.ReplyTo.NEVER:
        return ""
    if _is_form(parsed, address, answer_at):
        return "form"
    if not auto_mail.is_read_by_person(address):
        return "reply_to"
    return ALWAYS if channel.answers_reply_to == Channel.ReplyTo.ALWAYS else ""


def _is_rewritten(parsed: ParsedMail, written: MailSender, own: Collection[str]) -> bool:
    """Tell whether a group has put itself into the From of somebody else's mail."""
    if written.address in parsed.envelope.list_addresses or VIA.match(parsed.from_name):
        return True
    is_ours = normalise_mailbox(written.address) in own
    named = bool(parsed.envelope.original_sender or parsed.envelope.original_from)
    return (is_ours and (parsed.is_list or named)) or (
        parsed.is_list and bool(MUNGED.search(written.address))
    )


def _originals(parsed: ParsedMail, written: MailSender, own: Collection[str]) -> Iterator[str]:
    """Yield who may have written a mail that a group has rewritten, the surest first."""
    envelope = parsed.envelope
    named = (envelope.original_from, envelope.original_sender, *parsed.reply_to)
    yield from _foreign(named, parsed, written, own)
    if via := VIA.match(parsed.from_name):  # Mailman leaves the author in copy where answers go to the list
        same = {address for address, name in parsed.names if _bare(name) == _bare(via["name"])}
        yield from _foreign([address for address in parsed.cc if address in same], parsed, written, own)
    local, _at, _domain = written.address.rpartition("@")
    name, equals, domain = local.rpartition("=")
    if equals and "." in domain and parsed.is_list:
        yield from _foreign([f"{name}@{domain}"], parsed, written, own)


def _foreign(
    addresses: Collection[str], parsed: ParsedMail, written: MailSender, own: Collection[str]
) -> Iterator[str]:
    """Yield those of some addresses that are neither the From, nor ours, nor a list's."""
    for given in addresses:
        address = normalise_email(given)
        if not address or address == written.address or normalise_mailbox(address) in own:
            continue
        if address not in parsed.envelope.list_addresses:
            yield address


def _is_form(parsed: ParsedMail, address: str, answer_at: str) -> bool:
    """Tell whether a program of a web site wrote the mail for whom its Reply-To names."""
    local, _at, domain = address.rpartition("@")
    if FORMS.fullmatch(local):
        return True
    return parsed.envelope.is_by_program and answer_at.rpartition("@")[2] != domain


def _name_of(address: str, parsed: ParsedMail) -> str:
    """Return the name beside an address, else the one that a group wrote before "via"."""
    names = (name for other, name in parsed.names if other.lower() == address)
    if found := next(names, ""):
        return found
    via = VIA.match(parsed.from_name)
    return _bare(via["name"], lower=False) if via else ""


def _bare(name: str, *, lower: bool = True) -> str:
    name = name.strip().strip("'\"‘’“”").strip()
    return name.casefold() if lower else name

"""Find the real sender of a mail whose From is a group, "via", a contact form or an address nobody reads.

An address found in this way is a claim: we reply to it, but it proves nothing.
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
    """The sender of a mail: an address in lower case (or "") and a name.

    `read_from` tells why the address is not the one in From: "list", "form" or "reply_to"; "" if it is.
    `answer_at` is another address at which this sender wants replies, or "".
    """

    address: str
    name: str
    read_from: str = ""
    answer_at: str = ""


def read_sender(parsed: ParsedMail, channel: Channel, own: Collection[str]) -> MailSender:
    """Return the sender of a mail by the mailbox's settings; `own` are the addresses of our mailboxes."""
    written = MailSender(normalise_sender(parsed.from_addr), parsed.from_name)
    if parsed.is_bounce or parsed.envelope.loop:
        return written
    rewritten = _is_rewritten_by_list(parsed, written, own)
    if original := next(_find_authors(parsed, written, own), "") if rewritten else "":
        return MailSender(original, _find_name(original, parsed), "list")
    answer_at = next(_select_outside_addresses(parsed.reply_to, parsed, written, own), "")
    read_from = _find_reply_to_reason(parsed, channel, written.address, answer_at, own) if answer_at else ""
    if read_from == ALWAYS:
        return MailSender(written.address, written.name, answer_at=answer_at)
    return MailSender(answer_at, _find_name(answer_at, parsed), read_from) if read_from else written


def _find_reply_to_reason(
    parsed: ParsedMail, channel: Channel, address: str, answer_at: str, own: Collection[str]
) -> str:
    """Return why we reply to the Reply-To address; "" if we reply to From.

    "form": a contact form sent the mail. "reply_to": nobody reads the From address. ALWAYS: the mailbox is
    set so.
    """
    if normalise_mailbox(address) in own or channel.is_form_sender(address):
        return "form"
    if channel.answers_reply_to == Channel.ReplyTo.NEVER:
        return ""
    if _is_form(parsed, address, answer_at):
        return "form"
    if not auto_mail.is_read_by_person(address):
        return "reply_to"
    return ALWAYS if channel.answers_reply_to == Channel.ReplyTo.ALWAYS else ""


def _is_rewritten_by_list(parsed: ParsedMail, written: MailSender, own: Collection[str]) -> bool:
    """Tell whether a mailing list replaced the author's address in From by its own."""
    if written.address in parsed.envelope.list_addresses or VIA.match(parsed.from_name):
        return True
    is_ours = normalise_mailbox(written.address) in own
    named = bool(parsed.envelope.original_sender or parsed.envelope.original_from)
    return (is_ours and (parsed.is_list or named)) or (
        parsed.is_list and bool(MUNGED.search(written.address))
    )


def _find_authors(parsed: ParsedMail, written: MailSender, own: Collection[str]) -> Iterator[str]:
    """Yield the possible authors' addresses of a mail that a list has rewritten, most likely first."""
    envelope = parsed.envelope
    named = (envelope.original_from, envelope.original_sender, *parsed.reply_to)
    yield from _select_outside_addresses(named, parsed, written, own)
    if via := VIA.match(parsed.from_name):  # Mailman leaves the author in copy where answers go to the list
        same = {
            address for address, name in parsed.names if _strip_quotes(name) == _strip_quotes(via["name"])
        }
        yield from _select_outside_addresses(
            [address for address in parsed.cc if address in same], parsed, written, own
        )
    local, _at, _domain = written.address.rpartition("@")
    name, equals, domain = local.rpartition("=")
    if equals and "." in domain and parsed.is_list:
        yield from _select_outside_addresses([f"{name}@{domain}"], parsed, written, own)


def _select_outside_addresses(
    addresses: Collection[str], parsed: ParsedMail, written: MailSender, own: Collection[str]
) -> Iterator[str]:
    """Yield those of `addresses` that are neither the From, nor our own, nor a list's."""
    for given in addresses:
        address = normalise_email(given)
        if not address or address == written.address or normalise_mailbox(address) in own:
            continue
        if address not in parsed.envelope.list_addresses:
            yield address


def _is_form(parsed: ParsedMail, address: str, answer_at: str) -> bool:
    """Tell whether a web site's program sent the mail on behalf of the person in Reply-To."""
    local, _at, domain = address.rpartition("@")
    if FORMS.fullmatch(local):
        return True
    return parsed.envelope.is_by_program and answer_at.rpartition("@")[2] != domain


def _find_name(address: str, parsed: ParsedMail) -> str:
    """Return the name that the mail gives beside an address, else the one before "via" in From."""
    names = (name for other, name in parsed.names if other.lower() == address)
    if found := next(names, ""):
        return found
    via = VIA.match(parsed.from_name)
    return _strip_quotes(via["name"], lower=False) if via else ""


def _strip_quotes(name: str, *, lower: bool = True) -> str:
    name = name.strip().strip("'\"‘’“”").strip()
    return name.casefold() if lower else name

"""References to tickets in a mail: our ids and addresses, providers' aliases, and customers' own ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tickets.channels.base import InboundMessage, Sign
from tickets.channels.email.inbound.details import details_of
from tickets.delivery import mail_ids, tokens
from tickets.intake.threading import find_sign
from tickets.models import Channel, MailReference, Message, Outbound, Participant
from tickets.models.channels.company_mailboxes import normalise_mailbox

MAX_REFERENCES = 32
FORWARD = re.compile(r"^\s*(fwd?|tr|wg|i|rv|enc)\s*:", re.IGNORECASE)


def signs_of(source: InboundMessage) -> Iterator[Sign]:
    """Yield the tickets that a mail refers to, most reliable first: by our ids, by addresses, other ids."""
    mail = details_of(source)
    reported = mail.report.mail_ids if source.notice is not None else ()
    cited = [*mail.in_reply_to, *reversed(mail.references), *reported][:MAX_REFERENCES]
    yield from _by_our_ids(cited)
    yield from _by_reply_address(mail.recipients)
    if source.notice is not None:
        yield from _by_return_address(mail.recipients)
    yield from _by_references(cited)


def goes_elsewhere(source: InboundMessage, sign: Sign, channel: Channel) -> bool:
    """Return whether a mail was forwarded or sent to another mailbox than its ticket's, as a new matter.

    A mail to the reply address of our mail is always an answer, whatever else it was sent to.
    """
    ticket, recipients = sign.ticket, details_of(source).recipients
    if sign.name == "reply_address" or not recipients:
        return False
    if FORWARD.match(source.subject):
        return True
    own = ticket.channel
    if not own.is_mailbox or channel.queue_id in (ticket.queue_id, own.queue_id):
        return False
    return own.address.lower() not in {normalise_mailbox(address) for address in recipients}


def remember_id(message: Message, mail_id: str) -> None:
    """Store a received mail's id, by which answers to it are found.

    The first mail with an id keeps it, so that nobody can divert answers by repeating an id.
    """
    kind, digest = MailReference.Kind.THEIRS, mail_ids.hash_mail_id(mail_id)
    reference = MailReference(digest=digest, kind=kind, ticket=message.ticket, message=message)
    MailReference.objects.bulk_create([reference], ignore_conflicts=True)


def _by_our_ids(cited: list[str]) -> Iterator[Sign]:
    for mail_id in cited:
        if ours := tokens.parse_message_id(mail_id):
            yield from find_sign("message_id", ours[0], is_strong=True)


def _by_reply_address(recipients: Sequence[str]) -> Iterator[Sign]:
    participant_id = tokens.find_participant_id(recipients)
    if participant_id:
        participant = Participant.objects.filter(public_id=participant_id).select_related("ticket").first()
        if participant:
            yield Sign("reply_address", is_strong=True, ticket=participant.ticket)


def _by_return_address(recipients: Sequence[str]) -> Iterator[Sign]:
    """Yield the ticket of a mail of ours by the signed address to which reports about it go."""
    if public_id := tokens.find_bounced_id(recipients):
        outbound = Outbound.objects.filter(public_id=public_id).select_related("ticket").first()
        if outbound is not None and outbound.ticket is not None:
            yield Sign("return_address", is_strong=True, ticket=outbound.ticket)


def _by_references(cited: list[str]) -> Iterator[Sign]:
    """Yield providers' aliases of our ids (strong), then ids of customers' earlier mails (weak)."""
    if not cited:
        return
    digests = [one for mail_id in cited for one in _digests(mail_id)]
    rows = MailReference.objects.filter(digest__in=digests).select_related("ticket")
    order = {value: place for place, value in enumerate(digests)}
    found = sorted(rows, key=lambda r: (r.kind == MailReference.Kind.THEIRS, order[r.digest], -r.pk))
    for row in found:
        strong = row.kind != MailReference.Kind.THEIRS
        name = "alias" if strong else "their_message_id"
        yield Sign(name, is_strong=strong, ticket=row.ticket, reached_copies=not strong)


def _digests(mail_id: str) -> list[str]:
    """Return the digests under which an id may be stored.

    Amazon SES returns an id on sending, and adds its region's domain to it in the mail.
    """
    bare, _, domain = mail_id.strip().strip("<>").rpartition("@")
    return [mail_ids.hash_mail_id(mail_id)] + (
        [mail_ids.hash_mail_id(bare)] if domain.lower().endswith(".amazonses.com") else []
    )

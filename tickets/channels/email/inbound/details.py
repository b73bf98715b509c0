"""What only a mail says: what it cites, to whom it went, and what it reports of a mail of ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tickets.channels.base import InboundMessage


@dataclass(frozen=True)
class Report:
    """A mail that did not arrive, or was called spam, as another mail tells of it.

    `mail_ids` are the ids it names, `addresses` those that failed, `senders` the envelope senders it was sent
    by; `status` is "5.1.1" or the like, or an empty text.
    """

    is_complaint: bool = False
    is_bounce: bool = False
    mail_ids: Sequence[str] = ()
    addresses: Sequence[str] = ()
    senders: Sequence[str] = ()
    status: str = ""


@dataclass(frozen=True)
class MailDetails:
    """The `details` of an InboundMessage that was a mail.

    `recipients` are all addresses it was sent to. `agent` names the mail of ours and the account that its
    sender answers as, by a signed address.
    """

    in_reply_to: Sequence[str] = ()
    references: Sequence[str] = ()
    recipients: Sequence[str] = ()
    agent: tuple[str, int] | None = None
    report: Report = Report()


NONE = MailDetails()


def details_of(source: InboundMessage) -> MailDetails:
    """Return a mail's own details; empty ones for what was no mail."""
    return source.details if isinstance(source.details, MailDetails) else NONE

"""The details that only mails have: references, recipients, and reports about a mail of ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tickets.channels.base import InboundMessage


@dataclass(frozen=True)
class Report:
    """A report that a mail bounced or was marked as spam.

    `mail_ids` are the ids it mentions, `addresses` the failed recipients, `senders` the envelope senders of
    the reported mail; `status` is a code such as "5.1.1", or an empty text.
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

    `recipients` are all addresses it was sent to. `agent` is (public id of our mail, account id) if it was
    sent to the signed address with which an agent replies.
    """

    in_reply_to: Sequence[str] = ()
    references: Sequence[str] = ()
    recipients: Sequence[str] = ()
    agent: tuple[str, int] | None = None
    report: Report = Report()


NONE = MailDetails()


def details_of(source: InboundMessage) -> MailDetails:
    """Return a mail's details, or empty ones if the message was not a mail."""
    return source.details if isinstance(source.details, MailDetails) else NONE

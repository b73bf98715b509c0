"""Mail that came back: find what it was, mark the address, and give it to its agent as work.

A report is a mail that anybody may write. It changes only the delivery to an address that it names and to
which that very mail of ours went. Where it names none of those, it must have come back to the signed sender's
address of the mail, which stands on its envelope and nowhere else. A Message-ID proves less: whoever received
the mail, or was sent it on, can read it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from tickets.delivery import tokens
from tickets.delivery.mail_ids import hash_mail_id
from tickets.delivery.returned import return_to_agent
from tickets.models import Identity, MailReference, Outbound
from tickets.models.channels.delivery_error import DeliveryError


@dataclass(frozen=True)
class ReportedMail:
    """A mail of ours that a report is about, and to which of its addresses the report applies.

    `addresses` may be empty where the mail came back and went to several: then nobody knows which.
    """

    row: Outbound
    addresses: frozenset[str]

    @property
    def is_about_the_recipient(self) -> bool:
        """Whether it applies to the mail as a whole, and not only to somebody in copy."""
        return not self.addresses or self.row.to.lower() in self.addresses


def record_bounce(
    recipients: Iterable[str],
    mail_ids: Iterable[str],
    *,
    status: str,
    failed: Iterable[str] = (),
    now: datetime,
) -> Outbound | None:
    """Mark the mail that came back, if the report may say so of it; return it.

    `recipients` are the addresses the report came to, `failed` those that it names. A delay (4.x.x) changes
    nothing; neither does a report about nobody to whom the mail went (None).
    """
    reported = find_bounced_mail(recipients, mail_ids, failed)
    if reported is not None:
        apply_report(reported, DeliveryError.from_status(status), now=now)
    return reported.row if reported is not None else None


def apply_report(reported: ReportedMail, error: DeliveryError, *, now: datetime) -> None:
    """Note a failed delivery; doing it twice changes nothing. A copy that fails leaves the mail as sent.

    A temporary error changes nothing: the mail is still on its way. An address is marked as one at which
    nothing arrives only where the error has a code that says so (5.x.x).
    """
    if error.is_temporary:
        return
    with transaction.atomic():
        changed = _update_row(reported, error)
        if changed and error.code.startswith("5"):
            _mark_undeliverable(reported.addresses, now=now)
        if changed:
            data = {"status": error.code}
            return_to_agent(reported.row, "delivery.bounced", data, now=now)


def find_bounced_mail(
    recipients: Iterable[str], mail_ids: Iterable[str], named: Iterable[str]
) -> ReportedMail | None:
    """Return the mail of ours that a report is about and may change.

    By the signed address it came to; else by an id it cites, and then only if it names an address of that
    mail.
    """
    row = _find_by_address(recipients)
    if row is not None:
        return match_addresses(row, named, came_back=True)
    row = _find_by_mail_id(mail_ids)
    return match_addresses(row, named, came_back=False) if row is not None else None


def match_addresses(row: Outbound, named: Iterable[str], *, came_back: bool) -> ReportedMail | None:
    """Return to which addresses of a mail a report applies that names some; None: to none of them.

    `came_back`: it is proved to be about this mail, so that a mail to one address needs no name.
    """
    went_to = frozenset(address.lower() for address in (row.to, *row.cc))
    addresses = went_to & {address.lower() for address in named}
    if not addresses and not came_back:
        return None
    return ReportedMail(row, addresses or (went_to if len(went_to) == 1 else frozenset()))


def _update_row(reported: ReportedMail, error: DeliveryError) -> bool:
    """Write on the outbox row what happened; return whether that is news."""
    rows = Outbound.objects.filter(pk=reported.row.pk)
    if reported.is_about_the_recipient:
        over = (Outbound.State.BOUNCED, Outbound.State.CANCELLED)
        return bool(rows.exclude(state__in=over).update(state=Outbound.State.BOUNCED, error=error))
    of_copies = replace(error, text=", ".join(sorted(reported.addresses)))
    was = rows.exclude(state=Outbound.State.CANCELLED).values_list("error", flat=True).first()
    return was != of_copies and bool(rows.exclude(state=Outbound.State.CANCELLED).update(error=of_copies))


def _find_by_address(recipients: Iterable[str]) -> Outbound | None:
    public_id = tokens.find_bounced_id(recipients)
    return _load_outbound(public_id=public_id) if public_id else None


def _find_by_mail_id(mail_ids: Iterable[str]) -> Outbound | None:
    for mail_id in mail_ids:
        ours = tokens.parse_message_id(mail_id)
        row = _load_outbound(public_id=ours[1]) if ours else _find_by_alias(mail_id)
        if row is not None:
            return row
    return None


def _find_by_alias(mail_id: str) -> Outbound | None:
    aliases = MailReference.objects.filter(digest=hash_mail_id(mail_id), kind=MailReference.Kind.ALIAS)
    outbound_id = aliases.exclude(outbound=None).values_list("outbound", flat=True).first()
    return _load_outbound(pk=outbound_id) if outbound_id else None


def _load_outbound(**which: object) -> Outbound | None:
    return Outbound.objects.filter(**which).select_related("ticket", "message").first()


def _mark_undeliverable(addresses: Iterable[str], *, now: datetime) -> None:
    """Note that nothing arrives there; whoever writes from the address again takes the mark away."""
    emails = Identity.objects.filter(kind=Identity.Kind.EMAIL, value__in=list(addresses))
    emails.update(undeliverable_at=now)

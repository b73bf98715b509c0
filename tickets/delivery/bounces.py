"""Bounces: find the mail that a delivery report is about, mark the address, and return it to its agent.

Anybody can write a mail that looks like a report. So a report changes only the delivery to an address that it
names, if that mail of ours was sent to this address. A report that names no such address must have come to
the mail's signed envelope sender (support+b.…@), which appears nowhere else. The Message-ID is weaker proof:
every recipient of the mail, and of a forwarded copy, can read it.
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
    """A mail of ours that a report is about (`row`), and the addresses to which the report applies.

    `addresses` is empty if the mail certainly bounced but had several recipients, and the report names none.
    """

    row: Outbound
    addresses: frozenset[str]

    @property
    def is_about_the_recipient(self) -> bool:
        """Whether the report applies to the main recipient, and not only to somebody in copy."""
        return not self.addresses or self.row.to.lower() in self.addresses


def record_bounce(
    recipients: Iterable[str],
    mail_ids: Iterable[str],
    *,
    status: str,
    failed: Iterable[str] = (),
    now: datetime,
) -> Outbound | None:
    """Mark the mail that bounced, if the report proves it; return the mail, or None.

    `recipients` are the addresses that received the report, `mail_ids` the ids that it cites, `failed` the
    addresses that it names. `status` is its enhanced status code: a delay (4.x.x) changes nothing.
    """
    reported = find_bounced_mail(recipients, mail_ids, failed)
    if reported is not None:
        apply_report(reported, DeliveryError.from_status(status), now=now)
    return reported.row if reported is not None else None


def apply_report(reported: ReportedMail, error: DeliveryError, *, now: datetime) -> None:
    """Record a failed delivery and return the mail to its agent. A second report changes nothing.

    If only a copy failed, the mail stays sent. A temporary error changes nothing, since the mail server still
    tries. The address is marked as undeliverable only if the error's code is permanent (5.x.x).
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
    """Return the mail of ours that a report is about and may change, or None.

    It is found by the signed address that received the report, else by an id that the report cites; in the
    second case the report must also name an address of that mail (`named`).
    """
    row = _find_by_address(recipients)
    if row is not None:
        return match_addresses(row, named, came_back=True)
    row = _find_by_mail_id(mail_ids)
    return match_addresses(row, named, came_back=False) if row is not None else None


def match_addresses(row: Outbound, named: Iterable[str], *, came_back: bool) -> ReportedMail | None:
    """Return a mail with those of its addresses that a report names; None if the report does not apply.

    `came_back`: the report is proved to be about this mail, so it applies even if it names no address.
    """
    went_to = frozenset(address.lower() for address in (row.to, *row.cc))
    addresses = went_to & {address.lower() for address in named}
    if not addresses and not came_back:
        return None
    return ReportedMail(row, addresses or (went_to if len(went_to) == 1 else frozenset()))


def _update_row(reported: ReportedMail, error: DeliveryError) -> bool:
    """Update the row of the outbox; return whether the report was new."""
    rows = Outbound.objects.filter(pk=reported.row.pk)
    if reported.is_about_the_recipient:
        final = (Outbound.State.BOUNCED, Outbound.State.CANCELLED)
        return bool(rows.exclude(state__in=final).update(state=Outbound.State.BOUNCED, error=error))
    copy_error = replace(error, text=", ".join(sorted(reported.addresses)))
    rows = rows.exclude(state=Outbound.State.CANCELLED)
    earlier_error = rows.values_list("error", flat=True).first()
    return earlier_error != copy_error and bool(rows.update(error=copy_error))


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
    """Mark addresses as undeliverable. A mail from the address removes the mark."""
    emails = Identity.objects.filter(kind=Identity.Kind.EMAIL, value__in=list(addresses))
    emails.update(undeliverable_at=now)

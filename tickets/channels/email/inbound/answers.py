"""Mails about one of ours that are not from a customer: bounces, spam complaints, and agents' replies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from tickets.channels.base import InboundMessage, Placed
from tickets.channels.email.inbound import reply_by_mail
from tickets.channels.email.inbound.details import MailDetails, details_of
from tickets.delivery import bounces, complaints
from tickets.intake.arrivals import KeptFile
from tickets.models import Inbound


def take_answer(
    row: Inbound, source: InboundMessage, kept: Sequence[KeptFile], *, now: datetime
) -> Placed | None:
    """Handle a bounce, a complaint or an agent's reply; return None for any other mail."""
    mail = details_of(source)
    if mail.report.is_complaint:
        return _take_complaint(mail, now=now)
    if mail.report.is_bounce:
        return _take_bounce(mail, now=now)
    if mail.agent is None:
        return None
    return reply_by_mail.take_agent_reply(row, source, kept, mail.agent, now=now)


def _take_complaint(mail: MailDetails, *, now: datetime) -> Placed | None:
    """Record that a mail of ours was marked as spam; return None if it was not ours."""
    outbound = complaints.record_complaint(
        [*mail.recipients, *mail.report.senders],
        mail.report.mail_ids,
        named=mail.report.addresses,
        now=now,
    )
    if outbound is None:
        return None
    state = Inbound.State.IGNORED if outbound.ticket is None else Inbound.State.ATTACHED
    return Placed(state, "complaint", outbound.ticket, outbound.message)


def _take_bounce(mail: MailDetails, *, now: datetime) -> Placed:
    """Return a bounced mail to its agent as work; quarantine a report that matches no mail of ours."""
    outbound = bounces.record_bounce(
        mail.recipients,
        mail.report.mail_ids,
        status=mail.report.status,
        failed=mail.report.addresses,
        now=now,
    )
    if outbound is None or outbound.ticket is None:
        why = _("A report about a mail that came back names none of ours, or nobody to whom it went.")
        return Placed(Inbound.State.QUARANTINED, "bounce_unmatched", said=str(why))
    return Placed(Inbound.State.ATTACHED, "bounce", outbound.ticket, outbound.message)

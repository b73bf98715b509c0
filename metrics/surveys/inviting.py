"""Ask how easy it was: once after a resolution, seldom the same customer, never at an agent's choice."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import translation
from django.utils.translation import gettext as _

from metrics.models import FactTicket, Survey, SurveyOptOut
from metrics.surveys import links
from metrics.surveys.wording import CURRENT
from tickets import events
from tickets.actor import SYSTEM
from tickets.customers import identity
from tickets.customers.recipients import find_recipients
from tickets.delivery import outbox
from tickets.models import Company, Customer, Outbound, Participant, Ticket
from tickets.platform import crypto
from tickets.states import FINISHED

LOOK_BACK = timedelta(days=7)
OPEN_FOR = timedelta(days=14)


def invite_due(*, now: datetime, limit: int = 200) -> int:
    """Handle each resolution that is old enough: invite, or record why not. Return how many were handled.

    A resolution that was undone meanwhile waits for the next one. What is older than a week is left
    alone, so that nobody is asked about times long past when surveys begin.
    """
    company = Company.current()
    until = now - timedelta(hours=company.survey_delay_hours)
    existing = Survey.objects.filter(ticket=OuterRef("ticket_id"), solved_at=OuterRef("resolved_at"))
    due = (
        FactTicket.objects.filter(
            ~Exists(existing),
            resolved_at__gt=until - LOOK_BACK,
            resolved_at__lte=until,
            ticket__state__in=FINISHED,
        )
        .select_related("ticket__channel", "ticket__queue")
        .order_by("resolved_at", "ticket_id")
    )
    rest = timedelta(days=company.survey_rest_days)
    return sum(_settle(fact, company=company, rest=rest, now=now) for fact in due[:limit])


def expire_due(*, now: datetime, limit: int = 500) -> int:
    """Close invitations that have expired without an answer; return how many."""
    count = 0
    over = Survey.objects.filter(state=Survey.State.INVITED, expires_at__lte=now).select_related("ticket")
    for survey in over.order_by("expires_at")[:limit]:
        with transaction.atomic():
            changed = Survey.objects.filter(pk=survey.pk, state=Survey.State.INVITED).update(
                state=Survey.State.EXPIRED
            )
            if changed:
                data = {"survey": survey.pk}
                events.record("survey.expired", ticket=survey.ticket, by=SYSTEM, at=now, data=data)
                count += 1
    return count


def _settle(fact: FactTicket, *, company: Company, rest: timedelta, now: datetime) -> bool:
    """Make the survey row of one resolution, one customer at a time."""
    ticket, solved_at = fact.ticket, fact.resolved_at
    if solved_at is None:
        return False
    with transaction.atomic():
        customer = identity.follow_merges(Customer.objects.select_for_update().get(pk=ticket.customer_id))
        participant = _participant(ticket)
        reason = _why_not(fact, customer, participant, rest=rest, now=now)
        survey, made = Survey.objects.get_or_create(
            ticket=ticket,
            solved_at=solved_at,
            kind=Survey.Kind.CES,
            defaults={
                "customer": customer,
                "queue_id": fact.queue_id,
                "channel": fact.channel,
                "motive_id": fact.motive_id,
                "resolver_id": fact.resolver_id,
                "language": ticket.language,
                "wording": CURRENT,
                "state": Survey.State.SUPPRESSED if reason else Survey.State.INVITED,
                "reason": reason,
                "created_at": now,
                "expires_at": None if reason else now + OPEN_FOR,
            },
        )
        if made and reason:
            data = {"survey": survey.pk, "kind": survey.kind, "reason": reason}
            events.record("survey.suppressed", ticket=ticket, by=SYSTEM, at=now, data=data)
        elif made and participant is not None:
            _send(survey, participant, company=company, now=now)
    return made


def _why_not(
    fact: FactTicket, customer: Customer, participant: Participant | None, *, rest: timedelta, now: datetime
) -> str:
    """Return the reason to leave a customer alone, or an empty text."""
    return (
        _in_the_ticket(fact)
        or _in_the_address(participant)
        or _in_the_past(customer, participant.address if participant else "", now - rest)
    )


def _in_the_ticket(fact: FactTicket) -> str:
    if fact.is_spam:
        return Survey.Reason.SPAM
    if fact.merged_into_id is not None:
        return Survey.Reason.MERGED
    return Survey.Reason.OURS if fact.first_customer_at is None else ""


def _in_the_address(participant: Participant | None) -> str:
    if participant is None or not participant.address:
        return Survey.Reason.NO_ADDRESS
    if participant.identity is not None and participant.identity.complained_at is not None:
        return Survey.Reason.COMPLAINED
    return Survey.Reason.UNDELIVERABLE if participant.is_undeliverable else ""


def _in_the_past(customer: Customer, address: str, since: datetime) -> str:
    """Check earlier invitations by customer and by address: each claim of an address is a new customer."""
    theirs = Q(customer=customer) | Q(outbound__to=address)
    earlier = Survey.objects.filter(theirs).exclude(state=Survey.State.SUPPRESSED)
    unsubscribed = SurveyOptOut.objects.filter(Q(customer=customer) | Q(customer__surveys__in=earlier))
    if unsubscribed.exists():
        return Survey.Reason.UNSUBSCRIBED
    return Survey.Reason.REST if earlier.filter(created_at__gt=since).exists() else ""


def _participant(ticket: Ticket) -> Participant | None:
    """Return the ticket's own customer among those who take part."""
    requester = find_recipients(ticket).requester
    return requester if requester is not None and requester.customer_id == ticket.customer_id else None


def _send(survey: Survey, participant: Participant, *, company: Company, now: datetime) -> None:
    ticket = survey.ticket
    survey.digest = crypto.digest(links.make_token(survey))
    with translation.override(survey.language):
        subject = _("How easy was it? One question from %(company)s") % {"company": company.name}
    survey.outbound = outbox.add_outbound(
        Outbound.Kind.SURVEY,
        channel=outbox.choose_mail_channel(ticket),
        to=participant.address,
        ticket=ticket,
        participant=participant,
        payload={
            "template": "metrics/mail/survey",
            "subject": subject,
            "survey": survey.pk,
            # No word of the sender's: it must not reach an address that nobody has verified.
            "is_named": participant.identity is None or not participant.identity.is_claim,
            "unsubscribe": links.unsubscribe_url(survey),
        },
        now=now,
    )
    survey.save(update_fields=["digest", "outbound"])
    data = {"survey": survey.pk, "kind": survey.kind}
    events.record("survey.invited", ticket=ticket, by=SYSTEM, at=now, data=data)

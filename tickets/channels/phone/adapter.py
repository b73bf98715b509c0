"""The phone's adapter: it chooses the parser by the ledger row's format; `calls` finds a call's ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import ModuleType
from typing import ClassVar

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.channels.base import Adapter, InboundMessage, NotUnderstood, Placed, Sender
from tickets.channels.phone import calls, readings
from tickets.channels.phone.payloads import asterisk, generic, twilio, typed
from tickets.channels.phone.report import CallReport
from tickets.channels.values import Choice, DeskLink, Event, Medium, Question
from tickets.customers import identity
from tickets.customers.phone_numbers import (
    format_number,
    is_withheld,
    parse_caller,
    parse_extension,
    parse_short_number,
)
from tickets.intake.arrivals import Arrival
from tickets.models import Call, Channel, Identity, Inbound, Ticket
from tickets.models.customers.customer import IdentityQuerySet

FORMATS: dict[str, ModuleType] = {"generic": generic, "twilio": twilio, "asterisk": asterisk}


class PhoneAdapter(Adapter):
    slug: ClassVar[str] = "phone"
    label = _("phone")
    medium = Medium.VOICE
    takes_events = True
    desk_links = (DeskLink(_("Call log"), "phone", "phone:calls"),)
    ticket_links = (DeskLink(_("Call"), "phone", "phone:new_call"),)
    how_to_connect = _("Let the provider send its events here, signed with the secret.")

    def check_event(
        self, channel: Channel, headers: Mapping[str, str], raw: bytes, *, url: str, now: datetime
    ) -> Event:
        """Verify an event by the provider's own parser. Raises Refused, NotUnderstood."""
        provider = find_parser(channel)
        event_id = provider.check(channel, headers, raw, url=url, now=now)
        return Event(event_id, provider.__name__.rpartition(".")[2], getattr(provider, "ANSWER", None))

    def receive(self, inbound: Inbound, raw: bytes) -> Sequence[InboundMessage]:
        report = read(inbound, raw)
        channel = inbound.channel
        if is_internal(channel, report):
            return [InboundMessage(sender=Sender("external", ""), text="", ignore_rule="internal_call")]
        known = Call.objects.filter(channel=channel, external_id=report.call_id).first()
        customer_id = report.customer_id or (known.customer_id if known else None) or _called(channel, report)
        return [
            InboundMessage(
                sender=_sender(channel, report, is_verified=inbound.envelope.get("format") != typed.FORMAT),
                text="",
                customer_id=customer_id,
                wants_promise=False,
                details=report,
            )
        ]

    def question(self, ticket: Ticket) -> Question | None:
        """Ask which number the call came from, if its digits may be several numbers."""
        unclear = readings.find_unclear_number(ticket)
        if unclear is None:
            return None
        return Question(
            title=gettext("Which number is it?"),
            text=gettext(
                "The call came from %(digits)s, which could be more than one number. Nobody was identified."
            )
            % {"digits": unclear.digits},
            address=reverse("phone:choose_number", args=[ticket.pk]),
            field="number",
            choices=tuple(Choice(number, format_number(number)) for number in unclear.numbers),
        )

    def number_to_call(self, channel: Channel) -> str:
        """Return the number that the channel's option "number" names, if it is one."""
        number = read_number(channel, str(channel.options.get("number") or ""))
        return number if number.startswith("+") else ""

    def place(self, arrival: Arrival) -> Placed:
        return calls.place_call(arrival)


def find_parser(channel: Channel) -> ModuleType:
    """Return the parser for a channel's provider, by its option "format"; the default is our own format."""
    return FORMATS.get(str(channel.options.get("format", "generic")), generic)


def read(inbound: Inbound, raw: bytes) -> CallReport:
    """Return the report of a call in a ledger row. Raises NotUnderstood if it cannot be read."""
    if inbound.envelope.get("format") == typed.FORMAT:
        return typed.read(raw, received_at=inbound.received_at)
    parser = FORMATS.get(inbound.envelope.get("format", "generic"))
    if parser is None:
        raise NotUnderstood
    report: CallReport = parser.read(inbound.channel, raw, received_at=inbound.received_at)
    return report


def read_number(channel: Channel, text: str) -> str:
    """Return a number in E.164, read by the channel's country, or its digits if it is not a valid number.

    "" if there is no number: withheld, "0", "-1", or a SIP address with a name. Digits that could be two
    numbers stay digits.
    """
    if is_withheld(text):
        return ""
    return parse_caller(text, region=readings.find_region(channel)) or parse_short_number(text)


def read_caller(channel: Channel, text: str, *, among: IdentityQuerySet | None = None) -> str:
    """Return the caller's number as `read_number` does, with a preference for a known customer's number.

    Digits that may be several numbers stay digits until an agent chooses one (`readings`). `among` are the
    identities that whoever typed the number may see.
    """
    if is_withheld(text):
        return ""
    numbers = readings.read_numbers(channel, text, among=among)
    return numbers[0] if len(numbers) == 1 else parse_short_number(text)


def is_internal(channel: Channel, report: CallReport) -> bool:
    """Return whether a call is between two of our own extensions, without a customer."""
    theirs = parse_extension(report.number)
    if not theirs:
        return False
    if theirs in (channel.options.get("extensions") or {}):
        return True
    ours = parse_extension(report.our_number) or parse_extension(report.told.agent)
    return len(theirs) == len(ours)


def _called(channel: Channel, report: CallReport) -> int | None:
    """Return the id of the customer whom an agent called by our telephone system, or None.

    It must be a customer whose number this agent may see; while the agent is not known, one with a ticket in
    the channel's queue.
    """
    number = read_caller(channel, report.number)
    if report.direction != Call.Direction.OUTBOUND or not number:
        return None
    agent, known = calls.agent_called(channel, report.told.agent), Identity.objects
    here = Ticket.objects.filter(queue=channel.queue_id)
    among = known.visible_to(Actor.for_user(agent)) if agent else known.known_in(here)
    customer = identity.find_customer("phone", number, among=among)
    return customer.pk if customer else None


def _sender(channel: Channel, report: CallReport, *, is_verified: bool) -> Sender:
    """Return the other party of a call: identified by their number, or by the call's id if it is withheld.

    The number of an incoming call is verified if the provider reports it; one that an agent typed, or that we
    called, is a claim.
    """
    is_verified = is_verified and report.direction == Call.Direction.INBOUND
    number = read_caller(channel, report.number)
    if not number:
        with translation.override(channel.language):
            display = str(_("withheld number"))
        value = f"call:{channel.key}:{report.call_id}"[:320]
        return Sender("external", value, name=report.name, display=display, is_verified=True)
    return Sender("phone", number, name=report.name, display=format_number(number), is_verified=is_verified)


adapter = PhoneAdapter()

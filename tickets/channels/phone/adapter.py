"""The phone's adapter: a ledger row's format names its parser; where a call belongs is settled in `calls`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import ModuleType
from typing import ClassVar

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from tickets.actor import Actor
from tickets.channels.base import Adapter, InboundMessage, NotUnderstood, Placed, Sender
from tickets.channels.phone import calls
from tickets.channels.phone.payloads import asterisk, generic, twilio, typed
from tickets.channels.phone.report import CallReport
from tickets.channels.values import DeskLink, Event, Medium
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

FORMATS: dict[str, ModuleType] = {"generic": generic, "twilio": twilio, "asterisk": asterisk}
REGIONS = {"fr": "FR", "en": "GB"}


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
        """Let the provider's own parser say whether an event is genuine."""
        provider = format_of(channel)
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

    def place(self, arrival: Arrival) -> Placed:
        return calls.place_call(arrival)


def format_of(channel: Channel) -> ModuleType:
    """Return the parser of what a channel's provider sends: its option "format", else our own."""
    return FORMATS.get(str(channel.options.get("format", "generic")), generic)


def read(inbound: Inbound, raw: bytes) -> CallReport:
    """Return what one ledger row tells of a call. Raises NotUnderstood when it tells of none."""
    if inbound.envelope.get("format") == typed.FORMAT:
        return typed.read(raw, received_at=inbound.received_at)
    parser = FORMATS.get(inbound.envelope.get("format", "generic"))
    if parser is None:
        raise NotUnderstood
    report: CallReport = parser.read(inbound.channel, raw, received_at=inbound.received_at)
    return report


def number_in(channel: Channel, text: str) -> str:
    """Return a number in E.164, read as one of the channel's country; what is none stays as its digits.

    "" where no number was told: withheld, "0", "-1", a SIP address of a name.
    """
    if is_withheld(text):
        return ""
    region = str(channel.options.get("region") or REGIONS.get(channel.language, "FR"))
    return parse_caller(text, region=region) or parse_short_number(text)


def is_internal(channel: Channel, report: CallReport) -> bool:
    """Tell whether a call is between two of our own extensions: no customer takes part in it."""
    theirs = parse_extension(report.number)
    if not theirs:
        return False
    if theirs in (channel.options.get("extensions") or {}):
        return True
    ours = parse_extension(report.our_number) or parse_extension(report.told.agent)
    return len(theirs) == len(ours)


def _called(channel: Channel, report: CallReport) -> int | None:
    """Return whom a colleague called by our telephone system: a customer whom they know by the number.

    While it is not told who called, it is somebody whom the phone's queue knows by it.
    """
    number = number_in(channel, report.number)
    if report.direction != Call.Direction.OUTBOUND or not number:
        return None
    agent, known = calls.agent_called(channel, report.told.agent), Identity.objects
    here = Ticket.objects.filter(queue=channel.queue_id)
    among = known.visible_to(Actor.for_user(agent)) if agent else known.known_in(here)
    customer = identity.find_customer("phone", number, among=among)
    return customer.pk if customer else None


def _sender(channel: Channel, report: CallReport, *, is_verified: bool) -> Sender:
    """Return who is at the other end: by number, and by nothing but this call when it is withheld.

    A number that the provider tells of a call that came in is proved; one that an agent typed, or that we
    called, is a claim.
    """
    is_verified = is_verified and report.direction == Call.Direction.INBOUND
    number = number_in(channel, report.number)
    if not number:
        with translation.override(channel.language):
            display = str(_("withheld number"))
        value = f"call:{channel.key}:{report.call_id}"[:320]
        return Sender("external", value, name=report.name, display=display, is_verified=True)
    return Sender("phone", number, name=report.name, display=format_number(number), is_verified=is_verified)


adapter = PhoneAdapter()

"""The form with which an agent logs a call."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from tickets.channels.phone import adapter
from tickets.channels.phone.readings import read_numbers
from tickets.channels.phone.report import CallReport, News, Told
from tickets.customers import identity
from tickets.desk.access import Desk
from tickets.models import Channel, Customer, Identity, Ticket

TOKEN = re.compile(r"[\w-]{16,64}", re.ASCII)
LONGEST_MINUTES = 12 * 60


class CallForm(forms.Form):
    """The number, direction, result, duration and summary of a call, and the ticket it belongs to.

    If the page was opened from a ticket or a customer, the number may be empty.
    """

    THEIRS, NEW = "theirs", "new"
    readings: tuple[str, ...] = ()  # the numbers that what was typed may be, where there are several

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    reading = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)  # a chosen number
    number = forms.CharField(
        label=_("Their number"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
        help_text=_("Leave it empty if it was withheld."),
    )
    direction = forms.ChoiceField(
        label=_("Caller"),
        choices=(("in", _("They called us")), ("out", _("We called them"))),
        initial="in",
        widget=forms.RadioSelect,
    )
    result = forms.ChoiceField(
        label=_("Did you speak?"),
        choices=((News.ANSWERED, _("Yes")), (News.MISSED, _("No")), (News.VOICEMAIL, _("Voicemail"))),
        initial=News.ANSWERED,
        widget=forms.RadioSelect,
    )
    minutes = forms.IntegerField(
        label=_("Minutes"), min_value=0, max_value=LONGEST_MINUTES, initial=3, required=False
    )
    note = forms.CharField(
        label=_("Summary of the call"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only colleagues see it."),
    )
    place = forms.ChoiceField(
        label=_("Add to"),
        choices=((THEIRS, _("Their open ticket, if there is exactly one")), (NEW, _("A new ticket"))),
        initial=THEIRS,
        widget=forms.RadioSelect,
    )

    def __init__(
        self,
        desk: Desk,
        data: Mapping[str, Any] | None = None,
        *,
        ticket: Ticket | None = None,
        customer: Customer | None = None,
    ) -> None:
        super().__init__(data)
        self.desk, self.ticket = desk, ticket
        self.customer = ticket.customer if ticket else customer
        self.channel = _channel(desk, ticket)
        self.fields["token"].initial = secrets.token_urlsafe(16)
        if self.customer is not None:
            self.fields["number"].initial = _number_of(self.customer, desk)
        if ticket is not None:
            del self.fields["place"]

    def clean_token(self) -> str:
        given = str(self.cleaned_data["token"])
        return given if TOKEN.fullmatch(given) else secrets.token_urlsafe(16)

    def clean_number(self) -> str:
        typed = str(self.cleaned_data["reading"] or self.cleaned_data["number"]).strip()
        seen = Identity.objects.visible_to(self.desk.actor)
        number = adapter.read_caller(self.channel, typed, among=seen) if self.channel else typed
        if self.channel and not number.startswith("+"):
            self.readings = read_numbers(self.channel, typed, among=seen)
        if len(self.readings) > 1:
            raise forms.ValidationError(_("This could be more than one number. Choose the right one."))
        if typed and not number.startswith("+"):
            raise forms.ValidationError(
                _("This is not a phone number. Enter it with the country code, such as +33 6 12 34 56 78.")
            )
        return number

    def report(self) -> CallReport:
        """Return a valid form as the report of a call that has just ended."""
        data, now = self.cleaned_data, self.desk.now
        customer = self.customer or identity.find_customer(
            "phone", data["number"], among=Identity.objects.visible_to(self.desk.actor)
        )
        seconds = (data.get("minutes") or 0) * 60 if data["result"] == News.ANSWERED else 0
        return CallReport(
            call_id=f"typed-{data['token']}",
            told=_told(data["result"], seconds, agent=self.desk.user.email, now=now),
            direction=data["direction"],
            number=data["number"],
            note=data["note"].replace("\x00", "").strip(),
            customer_id=customer.pk if customer else None,
            ticket_id=self.ticket.pk if self.ticket else None,
            opens_new=self.ticket is None and data.get("place") == self.NEW,
        )


def _number_of(customer: Customer, desk: Desk) -> str:
    """Return a customer's phone number that this agent may see, a verified one first, or an empty text."""
    if desk.helps_in:
        return ""
    known = Identity.objects.visible_to(desk.actor).filter(customer=customer, kind=Identity.Kind.PHONE)
    known = known.order_by(F("verified_at").asc(nulls_last=True), "pk")
    return known.values_list("value", flat=True).first() or ""


def _told(result: str, seconds: int, *, agent: str, now: datetime) -> Told:
    answered = result == News.ANSWERED
    started_at = now - timedelta(seconds=seconds)
    return Told(
        news=result,
        at=now,
        order=now.timestamp(),
        started_at=started_at,
        answered_at=started_at if answered else None,
        ended_at=now,
        agent=agent,
    )


def _channel(desk: Desk, ticket: Ticket | None) -> Channel | None:
    """Return the phone channel of the ticket's queue, or else the first of the agent's queues, or None."""
    phones = list(
        Channel.objects.filter(slug="phone", is_active=True, queue__in=desk.queues)
        .select_related("queue")
        .order_by("id")
    )
    own = [phone for phone in phones if ticket and phone.queue_id == ticket.queue_id]
    return next(iter(own + phones), None)

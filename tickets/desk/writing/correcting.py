"""The form with which an agent corrects a ticket's customer, or the address for replies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tickets.channels.base import Sender
from tickets.conversation import replies
from tickets.conversation.replies import Words
from tickets.customers import correction, identity
from tickets.desk.access import Desk
from tickets.desk.writing import contact_details
from tickets.errors import DomainError, NotFound
from tickets.models import Customer, Event, Identity, Participant, Ticket
from tickets.platform.text import parse_row_id

OFFERED = 10
UNDONE_WITHIN = timedelta(days=30)


class Change(NamedTuple):
    """A change of a ticket's customer that can be undone, and the earlier one if the reader may see them."""

    event: Event
    earlier: Customer | None


class ChangeCustomer(forms.Form):
    """Fields: another customer (`customer`, or typed in `who`), or another address (`identity`)."""

    identity = forms.CharField(required=False)
    customer = forms.CharField(required=False)
    who = forms.CharField(label=_("Customer"), required=False, max_length=320)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)

    def __init__(self, desk: Desk, ticket: Ticket, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.desk, self.ticket = desk, ticket

    @cached_property
    def addresses(self) -> list[Identity]:
        """Other mail addresses at which the customer could be answered, as this agent knows them."""
        now_at = Participant.objects.filter(ticket=self.ticket, customer=self.ticket.customer_id)
        known = self._identities().filter(customer=self.ticket.customer_id, kind=Identity.Kind.EMAIL)
        others = known.exclude(pk__in=now_at.exclude(identity=None).values("identity"))
        current = set(now_at.values_list("identity__value", flat=True))
        return [other for other in others.order_by("pk")[:OFFERED] if other.value not in current]

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        if fields.get("identity"):
            fields["chosen_identity"] = self._identity(fields["identity"])
        elif fields.get("customer"):
            fields["chosen"] = find_visible_customer(fields["customer"], self.desk)
        else:
            try:
                fields["reached"] = contact_details.parse_contact_detail(fields.get("who", ""))
            except DomainError:
                sentence = _("Choose somebody from the list, or write a mail address or a phone number.")
                self.add_error("who", sentence)
        return fields

    def _identities(self) -> QuerySet[Identity]:
        return Identity.objects.visible_to(self.desk.actor)

    def _identity(self, given: str) -> Identity:
        known = self._identities().filter(customer=self.ticket.customer_id, kind=Identity.Kind.EMAIL)
        found = known.filter(pk=_parse_key(given)).first()
        if found is None:
            raise NotFound
        return found


def find_visible_customer(given: str, desk: Desk) -> Customer:
    """Return a visible customer by the number of their row. Raises NotFound for any other."""
    people = Customer.objects.visible_to(desk.actor).filter(erased_at=None)
    found = people.filter(pk=_parse_key(given)).first()
    if found is None:
        raise NotFound
    return found


def change_customer(form: ChangeCustomer) -> bool:
    """Apply a valid form, and write its reason as a note; return whether anything changed."""
    desk, ticket = form.desk, form.ticket
    with transaction.atomic():
        customer, known = _find_choice(form)
        if not correction.set_customer(ticket, customer, by=desk.actor, now=desk.now, identity=known):
            return False
        if reason := form.cleaned_data["reason"].replace("\x00", "").strip():
            replies.note(ticket, Words(reason), by=desk.actor, now=desk.now)
    return True


def find_change(ticket: Ticket, desk: Desk) -> Change | None:
    """Return the latest change of the ticket's customer, if it is recent and can be undone."""
    event = correction.find_last_change(ticket)
    if event is None or event.at < desk.now - UNDONE_WITHIN:
        return None
    visible = Customer.objects.visible_to(desk.actor).prefetch_related("identities")
    return Change(event, visible.filter(pk=event.data["from"]).first())


def _find_choice(form: ChangeCustomer) -> tuple[Customer, Identity | None]:
    """Return the customer that the form names, and the address that belongs to them."""
    fields, desk = form.cleaned_data, form.desk
    if "chosen_identity" in fields:
        return form.ticket.customer, fields["chosen_identity"]
    if "chosen" in fields:
        return identity.follow_merges(fields["chosen"]), None
    kind, value = fields["reached"]
    seen = Identity.objects.visible_to(desk.actor)
    customer = identity.find_customer(kind, value, among=seen)
    if customer is None:
        made = identity.resolve_sender(Sender(kind, value), language=form.ticket.language, now=desk.now)
        return made.customer, made.identity
    own = seen.filter(customer=customer, kind=kind, value=value) if kind == Identity.Kind.EMAIL else None
    return customer, own.order_by("verified_at").first() if own is not None else None


def _parse_key(given: str) -> int:
    """Return a primary key. Raises NotFound for anything that is none."""
    row_id = parse_row_id(given)
    if row_id is None:
        raise NotFound
    return row_id

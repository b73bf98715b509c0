"""The form of a new ticket: its customer, queue, mailbox, subject and first message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Case, Prefetch, When
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tickets.channels.base import Sender
from tickets.customers import identity
from tickets.desk.access import Desk
from tickets.desk.writing import contact_details
from tickets.errors import DomainError
from tickets.models import Channel, Customer, Identity, Queue


class MailboxField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """A choice of mailboxes, each shown with its name and address."""

    def label_from_instance(self, obj: Channel) -> str:
        return f"{obj.name}, {obj.address}" if obj.address else obj.name


class NewTicket(forms.Form):
    """The new ticket: for a known customer (`customer`, an id), or for a new one.

    `who` is the address or phone number of a new customer, `name` their name.
    """

    SEND, NOTE = "send", "note"

    who = forms.CharField(
        label=_("Customer"),
        required=False,
        max_length=320,
        help_text=_("A name, mail address or phone number."),
    )
    customer = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name, for a new customer"), required=False, max_length=200)
    queue = forms.ModelChoiceField(Queue.objects.none(), label=_("Queue"), empty_label=None)
    channel = MailboxField(Channel.objects.none(), label=_("From"), empty_label=None)
    subject = forms.CharField(label=_("Subject"), max_length=500)
    text = forms.CharField(label=_("Message"), widget=forms.Textarea(attrs={"rows": 8}), max_length=200_000)
    how = forms.ChoiceField(
        label=_("Delivery"),
        choices=((SEND, _("Send by email")), (NOTE, _("Only add it as a note"))),
        initial=SEND,
        widget=forms.RadioSelect,
    )

    def __init__(self, desk: Desk, data: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.desk = desk
        queues = Queue.objects.filter(pk__in=desk.queues, is_active=True)
        mailboxes = Channel.objects.filter(is_active=True, queue__in=desk.queues)
        sending = mailboxes.mailboxes()
        offered = sending if sending.exists() else mailboxes
        self.fields["queue"].queryset = queues  # type: ignore[attr-defined]
        self.fields["channel"].queryset = offered.order_by(self._language_first, "slug", "name")  # type: ignore[attr-defined]

    @property
    def _language_first(self) -> Case:
        """The order of mailboxes: first those in the customer's language, or else in the agent's."""
        language = self.chosen.language if self.chosen else get_language()
        return Case(When(language=language, then=0), default=1)

    @cached_property
    def chosen(self) -> Customer | None:
        """The known customer whose id is in the form, if the agent may see them."""
        number = str(self["customer"].value() or "")
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            return None
        visible = Customer.objects.visible_to(self.desk.actor).filter(erased_at=None)
        known = Prefetch("identities", Identity.objects.visible_to(self.desk.actor))
        return visible.filter(pk=int(number)).prefetch_related(known).first()

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        if self.chosen is None:
            try:
                fields["contact_detail"] = contact_details.parse_contact_detail(fields.get("who", ""))
            except DomainError:
                sentence = _("Choose somebody from the list, or write a mail address or a phone number.")
                self.add_error("who", sentence)
        return fields


def find_or_create_customer(form: NewTicket, *, now: datetime) -> Customer:
    """Return the customer of a valid form: the chosen one, the one with this address or number, or a new one.

    An address that only queues out of the agent's sight know is treated as unknown, so that the form does not
    reveal it. The two customers are merged once a mail from the address arrives.
    """
    if form.chosen is not None:
        return identity.follow_merges(form.chosen)
    kind, value = form.cleaned_data["contact_detail"]
    sender = Sender(kind, value, name=form.cleaned_data["name"].strip())
    visible = Identity.objects.visible_to(form.desk.actor)
    if (known := identity.find_customer(kind, value, among=visible)) is not None:
        return known
    return identity.resolve_sender(sender, language=form.cleaned_data["channel"].language, now=now).customer

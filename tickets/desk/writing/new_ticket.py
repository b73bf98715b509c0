"""The form that begins a ticket: for whom, in which queue, from which mailbox, and what is said."""

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
from tickets.desk.entrance import Desk
from tickets.desk.writing import reachable
from tickets.errors import DomainError
from tickets.models import Channel, Customer, Identity, Queue


class MailboxField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """A choice of mailboxes, by name and address as the customer will see them."""

    def label_from_instance(self, obj: Channel) -> str:
        return f"{obj.name}, {obj.address}" if obj.address else obj.name


class NewTicket(forms.Form):
    """A known customer (`customer`), or somebody new by a name and an address or number (`who`, `name`)."""

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
        own = mailboxes.mailboxes()
        chosen = own if own.exists() else mailboxes
        self.fields["queue"].queryset = queues  # type: ignore[attr-defined]
        self.fields["channel"].queryset = chosen.order_by(self._language_first, "slug", "name")  # type: ignore[attr-defined]

    @property
    def _language_first(self) -> Case:
        """Sort the mailboxes of the customer's language first, or of the agent's for somebody new."""
        language = self.chosen.language if self.chosen else get_language()
        return Case(When(language=language, then=0), default=1)

    @cached_property
    def chosen(self) -> Customer | None:
        """The known customer the form speaks of, if it names one."""
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
                fields["reached"] = reachable.read(fields.get("who", ""))
            except DomainError:
                sentence = _("Choose somebody from the list, or write a mail address or a phone number.")
                self.add_error("who", sentence)
        return fields


def _named(kind: str, value: str, desk: Desk) -> Customer | None:
    return identity.find_customer(kind, value, among=Identity.objects.visible_to(desk.actor))


def customer_of(form: NewTicket, *, now: datetime) -> Customer:
    """Return the customer of a valid form: the chosen one, whoever this agent knows by it, or a new one.

    An address that only other queues know makes somebody new, as one that nobody knows: they are joined when
    the address answers.
    """
    if form.chosen is not None:
        return identity.follow_merges(form.chosen)
    kind, value = form.cleaned_data["reached"]
    sender = Sender(kind, value, name=form.cleaned_data["name"].strip())
    if (named := _named(kind, value, form.desk)) is not None:
        return named
    known = identity.resolve_sender(sender, language=form.cleaned_data["channel"].language, now=now)
    return known.customer
